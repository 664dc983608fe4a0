// The tables of the watch-list service.
#pragma once

#include <span>

#include "libs/sql/migrate.h"

namespace gatehouse::watchlist {

std::span<const sql::Migration> Migrations();

}  // namespace gatehouse::watchlist
