// The tables of the document service.
#pragma once

#include <span>

#include "libs/sql/migrate.h"

namespace gatehouse::document {

std::span<const sql::Migration> Migrations();

}  // namespace gatehouse::document
