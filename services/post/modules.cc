#include "services/post/modules.h"

#include "services/document/module.h"
#include "services/inspection/module.h"
#include "services/traveller/module.h"
#include "services/watchlist/module.h"

namespace gatehouse::post {

std::vector<runtime::ModuleEntry> Modules() {
  return {document::kModule, watchlist::kModule, traveller::kModule, inspection::kModule};
}

}  // namespace gatehouse::post
