// The trust store's values as wire messages.
#pragma once

#include "gatehouse/document/v1/trust.pb.h"
#include "services/document/trust.h"

namespace gatehouse::document {

void ToProto(const TrustImportResult& result, v1::TrustImportResult* out);
void ToProto(const TrustEntry& entry, v1::TrustEntry* out);
void ToProto(const TrustDifference& difference, v1::TrustDifference* out);
void ToProto(const TrustImport& import, v1::TrustImport* out);
void ToProto(const TrustElementDetails& details, v1::TrustElement* out);
void ToProto(const TrustElementRecord& record, v1::TrustElement* out);
void ToProto(const TrustVersion& version, v1::TrustVersion* out);

}  // namespace gatehouse::document
