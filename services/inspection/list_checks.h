// What the answers of the lists come to. Pure. "Not listed" needs every base of the kind to have answered: one that is
// missing, in error or too old leaves the check undetermined; one that is required, or no base at all, leaves it not
// done. What another base found counts all the same.
#pragma once

#include "services/inspection/check.h"
#include "services/inspection/ports.h"

namespace gatehouse::inspection {

struct ListChecks {
  Check document_list;
  Check nominal_list;
};

// Either question may be absent: there was no number, or no name, to ask by.
ListChecks CheckLists(const ListAnswers& answers, bool asked_by_document, bool asked_by_name);

}  // namespace gatehouse::inspection
