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

// `now` is the time of screening, from which ages count back.
void ToProto(const std::string& id, const std::vector<BaseAnswer>& answers, absl::Time now, v1::ScreenAnswer* out);
void ToProto(const BaseInfo& info, v1::Base* out);
// At most the first 1000 rejected rows.
void ToProto(const ImportOutcome& outcome, v1::ImportListResponse* out);

}  // namespace gatehouse::watchlist
