#include "libs/emrtd/access/bac.h"

#include "libs/emrtd/access/scripted_random_for_tests.h"
#include "libs/testing/seeded_random.h"
#include "libs/testing/status_matchers.h"

namespace gatehouse::emrtd::access {
namespace {

using testing::StatusIs;

constexpr std::string_view kInformation = "L898902C<369080619406236";

// Doc 9303-11 appendix D.3.
TEST(Bac, TheWorkedExampleOnBothSides) {
  ScriptedRandom terminal_random("781723860C06C226 0B795240CB7049B01C19B33E32804F0B");
  ScriptedRandom chip_random("4608F91988702212 0B4F80323EB3191CB04970CB4052790B");
  BacTerminal terminal(kInformation, terminal_random);
  const BacChip chip(kInformation, chip_random);
  ASSERT_OK_AND_ASSIGN(const Octets data, terminal.Authenticate(chip.challenge()));
  EXPECT_EQ(data, FromHex("72C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F2 5F1448EEA8AD90A7"));
  ASSERT_OK_AND_ASSIGN(const BacChip::Answer answer, chip.Authenticate(data));
  EXPECT_EQ(answer.data, FromHex("46B9342A41396CD7386BF5803104D7CEDC122B9132139BAF2EEDC94EE178534F 2F2D235D074D7449"));
  ASSERT_OK_AND_ASSIGN(const SessionKeys keys, terminal.Finish(answer.data));
  for (const SessionKeys& side : {keys, answer.keys}) {
    EXPECT_EQ(side.encryption.Reveal(), FromHex("979EC13B1CBFE9DCD01AB0FED307EAE5"));
    EXPECT_EQ(side.mac.Reveal(), FromHex("F1CB1F1FB5ADF208806B89DC579DC1F8"));
    EXPECT_EQ(side.send_sequence_counter, FromHex("887022120C06C226"));
  }
}

TEST(Bac, AnotherZoneIsRefusedByBothSides) {
  testing::SeededRandom random(1);
  BacTerminal terminal("L898902C<369080619406230", random);
  const BacChip chip(kInformation, random);
  ASSERT_OK_AND_ASSIGN(const Octets data, terminal.Authenticate(chip.challenge()));
  EXPECT_THAT(chip.Authenticate(data), StatusIs(absl::StatusCode::kUnauthenticated));
  BacTerminal right(kInformation, random);
  ASSERT_OK_AND_ASSIGN(const Octets right_data, right.Authenticate(chip.challenge()));
  ASSERT_OK_AND_ASSIGN(const BacChip::Answer answer, chip.Authenticate(right_data));
  EXPECT_THAT(terminal.Finish(answer.data), StatusIs(absl::StatusCode::kUnauthenticated));
}

TEST(Bac, NeitherSideAcceptsAnAnswerToAnotherChallenge) {
  testing::SeededRandom random(1);
  BacTerminal terminal(kInformation, random);
  const BacChip chip(kInformation, random), other(kInformation, random);
  ASSERT_OK_AND_ASSIGN(const Octets data, terminal.Authenticate(chip.challenge()));
  EXPECT_THAT(other.Authenticate(data), StatusIs(absl::StatusCode::kUnauthenticated));
  ASSERT_OK_AND_ASSIGN(const BacChip::Answer answer, chip.Authenticate(data));
  BacTerminal late(kInformation, random);
  ASSERT_OK(late.Authenticate(chip.challenge()));
  EXPECT_THAT(late.Finish(answer.data), StatusIs(absl::StatusCode::kUnauthenticated));
}

TEST(Bac, WrongSizesAreRefused) {
  testing::SeededRandom random(1);
  BacTerminal terminal(kInformation, random);
  EXPECT_THAT(terminal.Authenticate(Octets(7)), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(terminal.Finish(Octets(39)), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(BacChip(kInformation, random).Authenticate({}), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace gatehouse::emrtd::access
