// A publisher of notices with a certificate and key of its own, made when a test asks. For tests only.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "libs/pki/specimen_for_tests.h"

namespace gatehouse::document {

class NoticePublisher {
 public:
  explicit NoticePublisher(std::string name = "Notices") : name_(pki::specimen::Name("UT", name)) {
    certificate_ = pki::specimen::MakeCertificate({.issuer = name_,
                                                   .subject = name_,
                                                   .serial = 2,
                                                   .not_after = "21991231235959Z",
                                                   .key_info = key_.info,
                                                   .key_usage = uint8_t{0x80},
                                                   .algorithm = pki::specimen::DefaultAlgorithm("prime256v1")},
                                                  key_);
  }

  const std::string& certificate() const { return certificate_; }  // DER

  std::string Sign(const std::string& content) const {
    return pki::specimen::MakeSignedData({.content_type = "\x2A\x86\x48\x86\xF7\x0D\x01\x07\x01",
                                          .content = content,
                                          .certificates = {certificate_},
                                          .signer_identifier = pki::specimen::IssuerAndSerial(name_, 2),
                                          .algorithm = pki::specimen::DefaultAlgorithm("prime256v1")},
                                         key_);
  }
  // Each bundle is later than the one before; one of the past needs its `number`.
  std::string SignNotices(const std::vector<nlohmann::json>& rows) { return SignNotices(rows, ++last_number_); }
  std::string SignNotices(const std::vector<nlohmann::json>& rows, int64_t number) const {
    return Sign(NoticesText(rows, number));
  }

  static std::string NoticesText(const std::vector<nlohmann::json>& rows, int64_t number = 1) {
    return nlohmann::json{{"format", "gatehouse-notices"},
                          {"version", 1},
                          {"publisher", "Utopia Border Police"},
                          {"number", number},
                          {"notices", rows}}
        .dump();
  }
  // A row that fits these passports of Utopia; all when `pattern` is empty.
  static nlohmann::json Row(const std::string& id, const std::string& kind = "counterfeit",
                            const std::string& pattern = "") {
    nlohmann::json row = {{"id", id},
                          {"kind", kind},
                          {"issuing_state", "UTO"},
                          {"document_code", "P"},
                          {"look_here", "Hold the page against the light."},
                          {"source", "Utopia Border Police"}};
    if (!pattern.empty()) row["number_patterns"] = {pattern};
    return row;
  }

 private:
  pki::specimen::Key key_{"prime256v1"};
  std::string name_;
  std::string certificate_;
  int64_t last_number_ = 0;
};

}  // namespace gatehouse::document
