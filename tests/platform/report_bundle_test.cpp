// SPDX-License-Identifier: Apache-2.0
// The committed chart bundle is what its script makes.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <sstream>

#include "duet/platform/report/sha256.hpp"
#include "support/temporary_folder.hpp"

namespace {

const std::string folder = DUET_SOURCE_DIR "/report/";

std::string hexadecimal(const std::array<uint8_t, 32>& hash) {
  std::string text;
  for (const uint8_t byte : hash) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

}  // namespace

TEST_CASE("neither the chart bundle nor what it is made from was changed without building it") {
  std::istringstream sums(duet::test::read_text(folder + "dist/SHA256SUMS"));
  std::string sum;
  std::string name;
  int files = 0;
  while (sums >> sum >> name) {
    INFO(name << ": run 'npm ci && npm run build' in report/");
    CHECK(hexadecimal(duet::platform::sha256(duet::test::read_text(folder + name))) == sum);
    ++files;
  }
  CHECK(files == 7);
}

TEST_CASE("building the chart bundle from the pinned packages gives the committed one") {
  if (std::getenv("DUET_SKIP_BUNDLE_CHECK") != nullptr || std::system("command -v npm >/dev/null") != 0) {
    WARN("npm is not installed, or DUET_SKIP_BUNDLE_CHECK is set: not built");
    return;
  }
  CHECK(std::system(("timeout 100 " + folder + "check.sh").c_str()) == 0);
}
