#include "libs/mrz/names.h"

#include "libs/mrz/check_digit.h"

namespace gatehouse::mrz {
namespace {

constexpr std::string_view kSeparator = "<<";

// "A<<B<C" -> "A B C".
std::string WithSpaces(std::string_view fillers) {
  std::string words;
  words.reserve(fillers.size());
  for (const char c : fillers) {
    if (c != kFiller) {
      words.push_back(c);
    } else if (!words.empty() && words.back() != ' ') {
      words.push_back(' ');
    }
  }
  if (!words.empty() && words.back() == ' ') words.pop_back();
  return words;
}

// `components` in at most `room` characters. A cut list fills the room and ends with a letter: where the cut meets a
// separator, an earlier component gives up a letter so that the next one can show its initial.
std::string Cut(std::string_view components, size_t room) {
  if (components.size() <= room) return std::string(components);
  std::string cut(components.substr(0, room));
  if (cut.back() != kFiller) return cut;
  for (size_t i = cut.size() - 1; i-- > 1;) {
    if (cut[i] != kFiller && cut[i - 1] != kFiller) {
      cut.erase(i, 1);
      cut.push_back(components[room]);
      return cut;
    }
  }
  // Only initials stand before the separator: nothing can give way.
  cut.pop_back();
  return cut;
}

}  // namespace

std::string PrimaryIdentifier(std::string_view name) { return WithSpaces(name.substr(0, name.find(kSeparator))); }

std::string SecondaryIdentifier(std::string_view name) {
  const size_t separator = name.find(kSeparator);
  return separator == std::string_view::npos ? "" : WithSpaces(name.substr(separator));
}

bool IsWellDivided(std::string_view name) {
  if (name.starts_with(kFiller)) return false;
  const size_t separator = name.find(kSeparator);
  // From the next character on, so that three fillers in a row are two divisions.
  return separator == std::string_view::npos || name.find(kSeparator, separator + 1) == std::string_view::npos;
}

std::string FitName(std::string_view primary, std::string_view secondary, size_t width) {
  if (secondary.empty()) return Cut(primary, width);
  // The standard frees three places at least, for the separator and the first letter of the secondary identifier.
  std::string name = Cut(primary, width - kSeparator.size() - 1);
  name += kSeparator;
  name += Cut(secondary, width - name.size());
  return name;
}

}  // namespace gatehouse::mrz
