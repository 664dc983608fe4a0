#include "services/watchlist/record.h"

namespace gatehouse::watchlist {

std::string_view DocumentStatusName(DocumentStatus status) {
  switch (status) {
    case DocumentStatus::kStolen:
      return "stolen";
    case DocumentStatus::kLost:
      return "lost";
    case DocumentStatus::kRevoked:
      return "revoked";
    case DocumentStatus::kInvalid:
      return "invalid";
    case DocumentStatus::kStolenBlank:
      return "stolen_blank";
  }
  return "";
}

}  // namespace gatehouse::watchlist
