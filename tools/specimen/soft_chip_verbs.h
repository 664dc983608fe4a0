// specimen soft-chip and specimen serve-chip: a software chip made into a folder, and put into a virtual reader.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace gatehouse::specimen {

// When the command line names one of the verbs, `run` becomes what does it and gives the exit code.
void AddSoftChipVerbs(CLI::App& app, std::function<int()>& run);

}  // namespace gatehouse::specimen
