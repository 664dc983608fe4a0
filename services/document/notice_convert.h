// Notices as wire messages; a kept notice is such a message too.
#pragma once

#include "absl/status/statusor.h"
#include "gatehouse/document/v1/notice.pb.h"
#include "services/document/notice_import.h"
#include "services/document/ports.h"

namespace gatehouse::document {

// Content alone, with pictures as far as they are there.
void ToProto(const Notice& notice, v1::Notice* out);
// Of ToProto. DATA_LOSS when it is none.
absl::StatusOr<Notice> FromProto(const v1::Notice& message);

void ToProto(const NoticeOrigin& origin, v1::Notice* out);
void ToProto(const NoticeImport& made, v1::NoticeImport* out);
void ToProto(const NoticeRefusal& refusal, v1::NoticeRefusal* out);
void ToProto(const NoticeCount& count, v1::NoticeStatistics* out);

}  // namespace gatehouse::document
