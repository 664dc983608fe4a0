#include "tools/gatehouse/report_output.h"

#include "services/document/report_convert.h"

namespace gatehouse::cli {

namespace pb = gatehouse::document::v1;

void AddReportOutput(CLI::App& verb, ReportOutput& output) {
  verb.add_option("--format", output.format, "The report alone, as json or xml (in the shape of BSI TR-03135)")
      ->check(CLI::IsMember({"json", "xml"}));
  verb.add_option("--signed", output.signed_format, "The report alone, signed by the server: json or xml")
      ->check(CLI::IsMember({"json", "xml"}));
  verb.add_option("--post", output.post, "Where it was presented, for documents seen before");
}

void Request(const ReportOutput& output, pb::VerifyRequest& request) {
  request.set_post(output.post);
  if (output.signed_format == "json") request.set_signed_format(pb::REPORT_FORMAT_JSON);
  if (output.signed_format == "xml") request.set_signed_format(pb::REPORT_FORMAT_XML);
}

void PrintReportAlone(Context& context, const ReportOutput& output, const pb::VerifyResponse& response) {
  if (!output.signed_format.empty()) {
    *context.out << response.signed_report() << std::endl;
  } else if (output.format == "xml") {
    *context.out << document::RenderXml(response.report()) << std::endl;
  } else {
    *context.out << document::RenderJson(response.report()) << std::endl;
  }
}

}  // namespace gatehouse::cli
