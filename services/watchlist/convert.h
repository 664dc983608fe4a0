// Wire messages to domain values and back, with every check of a field.
#pragma once

#include "absl/status/statusor.h"
#include "gatehouse/watchlist/v1/watchlist.pb.h"
#include "gatehouse/watchlist/v1/watchlist_service.pb.h"
#include "services/watchlist/screen.h"
#include "services/watchlist/watchlist.h"

namespace gatehouse::watchlist {

// INVALID_ARGUMENT with field violations; `path` is the field's place in the
// request, for example "queries[3].".
absl::StatusOr<Query> FromProto(const v1::ScreenQuery& query, std::string_view path);
// "un-xml", "document-csv".
absl::StatusOr<std::string> FormatFromProto(v1::ListFormat format);

// `request` outlives what is returned.
absl::StatusOr<ImportOrder> FromProto(const v1::ImportListRequest& request);
// At most 64 printable characters without blanks; empty too.
absl::Status CheckRequestId(const std::string& request_id);
// As it is stored; DATA_LOSS.
absl::StatusOr<StagedImport> FromProto(const v1::StagedImport& staged);

void ToProto(const std::string& id, const std::vector<BaseAnswer>& answers, v1::ScreenAnswer* out);
void ToProto(const BaseInfo& info, v1::Base* out);
void ToProto(const StagedImport& staged, v1::StagedImport* out);
// At most the first 1000 rejected rows.
void ToProto(const ListChange& change, v1::ImportListResponse* out);
void ToProto(const ListChange& change, v1::AcceptStagedImportResponse* out);
void ToProto(const ListChange& change, v1::RejectStagedImportResponse* out);
void ToProto(const ListChange& change, v1::ConfirmBaseResponse* out);

}  // namespace gatehouse::watchlist
