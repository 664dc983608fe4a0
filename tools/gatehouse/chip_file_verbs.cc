// gatehouse document show DIR|FILE... [--pictures DIR]: what is in the files of a chip. No service, no verification.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "libs/emrtd/lds/describe_file.h"
#include "libs/emrtd/lds/image.h"
#include "tools/gatehouse/files.h"
#include "tools/gatehouse/render.h"
#include "tools/gatehouse/service_verbs.h"
#include "tools/gatehouse/table.h"
#include "tools/gatehouse/verbs.h"

namespace gatehouse::cli {
namespace {

using emrtd::DescribedPicture;
using emrtd::FileContent;
using emrtd::FileDescription;
using nlohmann::ordered_json;

struct ShowOptions {
  std::vector<std::string> paths;
  std::string pictures;  // folder for the pictures; empty: they stay where they are
};

ordered_json ToJson(const DescribedPicture& described) {
  const emrtd::Picture& picture = described.picture;
  ordered_json json = {{"name", described.name},
                       {"format", emrtd::ToWord(picture.format)},
                       {"bytes", picture.bytes.size()},
                       {"width", picture.width},
                       {"height", picture.height}};
  const absl::StatusOr<emrtd::DecodedImage> image = emrtd::DecodeImage(picture.bytes);
  json["decoded"] = image.ok() ? "done" : absl::IsUnimplemented(image.status()) ? "not_done" : "failed";
  if (image.ok()) {
    json["channels"] = image->channels;
    json["damaged"] = image->damaged;
  } else {
    json["reason"] = std::string(image.status().message());
  }
  return json;
}

ordered_json ToJson(const std::string& path, const FileDescription& description) {
  ordered_json json = {{"path", path},
                       {"file", description.file},
                       {"bytes", description.bytes},
                       {"content", emrtd::ToWord(description.content)}};
  if (!description.reason.empty()) json["reason"] = description.reason;
  json["fields"] = ordered_json::array();
  for (const emrtd::DescribedField& field : description.fields) {
    json["fields"].push_back({{"name", field.name}, {"value", field.value}, {"personal", field.personal}});
  }
  json["pictures"] = ordered_json::array();
  for (const DescribedPicture& picture : description.pictures) json["pictures"].push_back(ToJson(picture));
  json["findings"] = ordered_json::array();
  for (const emrtd::FileFinding& finding : description.findings) {
    json["findings"].push_back({{"defect", emrtd::ToWord(finding.defect)}, {"evidence", finding.evidence}});
  }
  return json;
}

void AddRows(const std::string& path, const FileDescription& description, Table& table) {
  const std::string file =
      description.file.empty() ? std::filesystem::path(path).filename().string() : description.file;
  table.Add({file, std::string(emrtd::ToWord(description.content)),
             description.reason.empty() ? absl::StrCat(description.bytes, " bytes") : description.reason});
  for (const emrtd::DescribedField& field : description.fields) table.Add({"", field.name, field.value});
  for (const DescribedPicture& picture : description.pictures) {
    const ordered_json json = ToJson(picture);
    table.Add({"", picture.name + "_decoded", json["decoded"].get<std::string>() + " " + json.value("reason", "")});
  }
  for (const emrtd::FileFinding& finding : description.findings) {
    table.Add({"", "finding", std::string(emrtd::ToWord(finding.defect)) + ": " + finding.evidence});
  }
}

std::string_view Extension(emrtd::ImageFormat format) {
  switch (format) {
    case emrtd::ImageFormat::kJpeg:
      return ".jpg";
    case emrtd::ImageFormat::kJpeg2000:
      return ".jp2";
    case emrtd::ImageFormat::kWsq:
      return ".wsq";
    case emrtd::ImageFormat::kPng:
      return ".png";
    default:
      return ".bin";
  }
}

absl::Status WritePictures(const std::string& folder, const FileDescription& description) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  for (const DescribedPicture& described : description.pictures) {
    const std::filesystem::path path =
        std::filesystem::path(folder) /
        (description.file + "." + described.name + std::string(Extension(described.picture.format)));
    std::ofstream out(path, std::ios::binary);
    const pki::Bytes bytes = described.picture.bytes;
    out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    if (!out.good()) return absl::InvalidArgumentError(path.string() + ": cannot be written");
  }
  return absl::OkStatus();
}

// In a folder only what is a file of a chip: photographs and expectations may lie beside.
bool IsShown(const FileDescription& description, bool alone) {
  return alone || description.content != FileContent::kUnknown;
}

void Show(Context& context, const ShowOptions& options) {
  Table table({"file", "content", "value"});
  size_t shown = 0;
  for (const std::string& path : options.paths) {
    const absl::StatusOr<std::vector<std::string>> files = ListInput(path);
    if (!files.ok()) {
      context.Fail(files.status());
      continue;
    }
    for (const std::string& file : *files) {
      const absl::StatusOr<std::string> content = ReadInput(file);
      if (!content.ok()) {
        context.Fail(content.status());
        continue;
      }
      const FileDescription description =
          emrtd::DescribeFile(std::filesystem::path(file).filename().string(), pki::AsBytes(*content));
      if (!IsShown(description, files->size() == 1)) continue;
      ++shown;
      const bool readable =
          description.content == FileContent::kUnderstood || description.content == FileContent::kOpaque;
      if (!readable && context.exit_code == kDone) context.exit_code = kCheckSaysNo;
      if (!options.pictures.empty()) {
        const absl::Status written = WritePictures(options.pictures, description);
        if (!written.ok()) context.Fail(written);
      }
      if (context.json) {
        *context.out << JsonLine(ToJson(file, description)) << "\n";
      } else {
        AddRows(file, description, table);
      }
    }
  }
  if (shown == 0 && context.exit_code == kDone) {
    context.Fail(absl::NotFoundError("there is no file of a chip"));
  }
  if (!context.json && table.size() > 0) table.Print(*context.out, context.colour);
}

}  // namespace

void AddChipFileVerbs(CLI::App& document, Context& context) {
  CLI::App* show = AddVerb(document, "show", "What the files of a chip hold, without verifying them");
  auto options = std::make_shared<ShowOptions>();
  show->add_option("PATH", options->paths, "Folders of a document, or single files of a chip")->required();
  show->add_option("--pictures", options->pictures, "Write every picture found into this folder");
  show->callback([&context, options] { Show(context, *options); });
}

}  // namespace gatehouse::cli
