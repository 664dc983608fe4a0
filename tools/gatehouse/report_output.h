// A document's report alone, in a form for keeping: what verbs print instead of their own lines when they are asked to.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "gatehouse/document/v1/document_service.pb.h"
#include "tools/gatehouse/context.h"

namespace gatehouse::cli {

struct ReportOutput {
  std::string format;         // json or xml
  std::string signed_format;  // json or xml: signed by the server
  std::string post;           // where the document was presented

  // Nothing else goes to `out` then.
  bool is_alone() const { return !format.empty() || !signed_format.empty(); }
};

void AddReportOutput(CLI::App& verb, ReportOutput& output);
// What the output needs of the verifier.
void Request(const ReportOutput& output, gatehouse::document::v1::VerifyRequest& request);
// With is_alone().
void PrintReportAlone(Context& context, const ReportOutput& output,
                      const gatehouse::document::v1::VerifyResponse& response);

}  // namespace gatehouse::cli
