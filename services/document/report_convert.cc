#include "services/document/report_convert.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <pugixml.hpp>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "libs/base/check.h"

namespace gatehouse::document {
namespace {

using pugi::xml_node;

struct Namespace {
  const char* attribute;
  const char* uri;
};
constexpr Namespace kNamespaces[] = {
    {"xmlns:ct", "http://trdoccheck.bsi.bund.de/ct/4"},   {"xmlns:dc", "http://trdoccheck.bsi.bund.de/dc/4"},
    {"xmlns:dco", "http://trdoccheck.bsi.bund.de/dco/4"}, {"xmlns:dce", "http://trdoccheck.bsi.bund.de/dce/4"},
    {"xmlns:dcc", "http://trdoccheck.bsi.bund.de/dcc/4"}, {"xmlns:dcs", "http://trdoccheck.bsi.bund.de/dcs/1"},
};

// The spellings of section 3.5.2.
const char* StateText(v1::CheckState state) {
  switch (state) {
    case v1::CHECK_STATE_SUCCESSFUL:
      return "successful";
    case v1::CHECK_STATE_FAILED:
      return "failed";
    case v1::CHECK_STATE_NOT_SUPPORTED:
      return "not supported";
    case v1::CHECK_STATE_ABORTED:
      return "aborted";
    default:
      return "undetermined";
  }
}

// security_object_signature -> SecurityObjectSignature.
std::string ElementName(const std::string& id) {
  std::string name;
  bool upper = true;
  for (const char c : id) {
    if (c == '_') {
      upper = true;
    } else {
      name.push_back(upper ? absl::ascii_toupper(c) : c);
      upper = false;
    }
  }
  return name;
}

void AddText(xml_node parent, const std::string& name, const std::string& text) {
  if (text.empty()) return;
  // XML 1.0 has no place for control characters.
  std::string clean;
  for (const char c : text) clean.push_back(absl::ascii_iscntrl(static_cast<unsigned char>(c)) ? ' ' : c);
  parent.append_child(name.c_str()).text().set(clean.c_str());
}

void AddTime(xml_node parent, const std::string& name, const google::protobuf::Timestamp& time) {
  AddText(parent, name,
          absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixSeconds(time.seconds()), absl::UTCTimeZone()));
}

void AddEvidence(xml_node check, const std::string& prefix, const v1::DocumentReport& report,
                 const v1::CheckEvidence& evidence) {
  AddText(check, prefix + "Rule", evidence.rule());
  for (const int number : evidence.certificates()) {
    const v1::CertificateReference& reference = report.certificates(number);
    xml_node node = check.append_child((prefix + "Certificate").c_str());
    node.append_attribute("role").set_value(reference.role().c_str());
    AddText(node, prefix + "Subject", reference.subject());
    AddText(node, prefix + "SerialNumber", reference.serial());
    AddText(node, prefix + "Sha256", reference.sha256());
  }
  for (const int number : evidence.lists()) {
    const v1::ListReference& list = report.lists(number);
    xml_node node = check.append_child((prefix + "List").c_str());
    node.append_attribute("kind").set_value(list.kind().c_str());
    AddText(node, prefix + "Issuer", list.issuer());
    AddText(node, prefix + "Version", list.version());
    if (list.has_this_update()) AddTime(node, prefix + "ThisUpdate", list.this_update());
    if (list.has_next_update()) AddTime(node, prefix + "NextUpdate", list.next_update());
  }
  for (const std::string& deviation : evidence.deviations()) AddText(check, prefix + "Defect", deviation);
  for (const v1::Fact& fact : evidence.facts()) {
    xml_node node = check.append_child((prefix + "Fact").c_str());
    node.append_attribute("name").set_value(fact.name().c_str());
    node.text().set(fact.value().c_str());
  }
}

void AddCheck(xml_node parent, const std::string& prefix, const v1::DocumentReport& report,
              const v1::Tr03135Check& check) {
  xml_node node = parent.append_child((prefix + ElementName(check.id())).c_str());
  AddText(node, prefix + "Result", StateText(check.state()));
  if (check.judged() != check.state()) AddText(node, prefix + "ResultByPolicy", StateText(check.judged()));
  AddText(node, prefix + "PolicyRule", check.policy_rule());
  if (!check.counts()) AddText(node, prefix + "Counts", "false");
  AddText(node, prefix + "Description", check.detail());
  AddEvidence(node, prefix, report, check.evidence());
}

void AddNotice(xml_node parent, const v1::NoticeMatch& notice) {
  xml_node node = parent.append_child("dc:Notice");
  AddText(node, "dc:Id", notice.id());
  AddText(node, "dc:Kind", notice.kind());
  AddText(node, "dc:LookHere", notice.look_here());
  for (const std::string& word : notice.matched_by()) AddText(node, "dc:MatchedBy", word);
  AddText(node, "dc:Source", notice.source());
}

struct Domain {
  const char* element;
  const char* prefix;
  v1::CheckGroup groups[3];
};
constexpr Domain kDomains[] = {
    {"dco:OpticalCheck", "dco:", {v1::CHECK_GROUP_OPTICAL}},
    {"dce:ElectronicCheck",
     "dce:",
     {v1::CHECK_GROUP_ACCESS, v1::CHECK_GROUP_CHIP_AUTHENTICITY, v1::CHECK_GROUP_PASSIVE_AUTHENTICATION}},
    {"dcc:CombinedCheck", "dcc:", {v1::CHECK_GROUP_COMBINED, v1::CHECK_GROUP_HISTORY}},
    {"dcs:DigitalSealCheck", "dcs:", {v1::CHECK_GROUP_SEAL}},
};

// All of them are of things that the report has.
bool RefersWithin(const v1::DocumentReport& report) {
  const auto all_below = [](const auto& numbers, int size) {
    return std::all_of(numbers.begin(), numbers.end(), [size](int number) { return number >= 0 && number < size; });
  };
  return std::all_of(report.tr03135().begin(), report.tr03135().end(), [&](const v1::Tr03135Check& check) {
    return all_below(check.evidence().certificates(), report.certificates_size()) &&
           all_below(check.evidence().lists(), report.lists_size());
  });
}

bool Holds(const Domain& domain, v1::CheckGroup group) {
  return group != v1::CHECK_GROUP_UNSPECIFIED &&
         std::find(std::begin(domain.groups), std::end(domain.groups), group) != std::end(domain.groups);
}

}  // namespace

std::string RenderJson(const v1::DocumentReport& report) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string text;
  GH_CHECK(google::protobuf::util::MessageToJsonString(report, &text, options).ok());
  return text;
}

absl::StatusOr<v1::DocumentReport> ReadJson(const std::string& text) {
  v1::DocumentReport report;
  const auto status = google::protobuf::util::JsonStringToMessage(text, &report);
  if (!status.ok()) return absl::InvalidArgumentError("report: not the JSON of a document report");
  if (!RefersWithin(report)) return absl::InvalidArgumentError("report: its evidence refers to what is not in it");
  return report;
}

std::string RenderXml(const v1::DocumentReport& report) {
  pugi::xml_document document;
  xml_node transaction = document.append_child("ct:Transaction");
  for (const Namespace& one : kNamespaces) transaction.append_attribute(one.attribute).set_value(one.uri);
  if (report.has_check_time()) AddTime(transaction, "ct:Time", report.check_time());
  AddText(transaction, "ct:ProcessState", report.verdict().process_state());
  xml_node check = transaction.append_child("dc:DocumentCheck");
  AddText(check, "dc:OverallResult", StateText(report.verdict().state()));
  AddText(check, "dc:Description", report.verdict().text());
  xml_node policy = check.append_child("dc:Profile");
  AddText(policy, "dc:Name", report.verdict().policy_name());
  AddText(policy, "dc:Version", report.verdict().policy_version());
  AddText(check, "dc:TrustVersion", report.trust_version());
  for (const v1::PresentedFile& file : report.presented()) {
    xml_node node = check.append_child("dc:PresentedFile");
    AddText(node, "dc:Name", file.name());
    AddText(node, "dc:Sha256", file.sha256());
  }
  for (const v1::NoticeMatch& notice : report.notices()) AddNotice(check, notice);
  for (const Domain& domain : kDomains) {
    xml_node node;
    for (const v1::Tr03135Check& one : report.tr03135()) {
      if (!Holds(domain, one.group())) continue;
      if (!node) node = check.append_child(domain.element);
      AddCheck(node, domain.prefix, report, one);
    }
  }
  std::ostringstream out;
  document.save(out, "  ");
  return out.str();
}

}  // namespace gatehouse::document
