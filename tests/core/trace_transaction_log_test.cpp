// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "duet/core/trace/transaction_log.hpp"
#include "support/temporary_folder.hpp"

using namespace duet::core;
using duet::test::read_text;
using duet::test::TemporaryFolder;

TEST_CASE("transactions are lines of CSV") {
  const TemporaryFolder folder;
  TransactionLog log({.path = folder.file("t.csv")});
  log.write({10, 20, "chiplet[0]", "memory[1]", "read", 0x1000, 4096});
  log.write({15, 30, "a,\"b\"", "memory[1]", "write", 0, 64, "address error"});
  log.close();
  CHECK(read_text(folder.file("t.csv")) ==
        "begin_ps,end_ps,initiator,target,command,address,bytes,response\n"
        "10,20,chiplet[0],memory[1],read,0x1000,4096,ok\n"
        "15,30,\"a,\"\"b\"\"\",memory[1],write,0x0,64,address error\n");
  CHECK(log.warning().empty());
}

TEST_CASE("a log takes transactions of either end that is selected, inside its window") {
  const TemporaryFolder folder;
  TransactionLog log(
      {.path = folder.file("t.csv"), .selection = NameSelection("memory[1]"), .begin_ps = 10, .end_ps = 20});
  log.write({9, 20, "c", "memory[1]", "read", 0, 1});
  log.write({10, 20, "c", "memory[2]", "read", 0, 1});
  CHECK_THAT(log.warning(), Catch::Contains("selects none of 2 transactions"));
  log.write({10, 20, "memory[1]", "c", "read", 0, 1});
  log.write({19, 20, "c", "memory[1]", "read", 0, 1});
  log.write({20, 21, "c", "memory[1]", "read", 0, 1});
  log.close();
  CHECK(log.written() == 2);
}

TEST_CASE("a log stops at its limit and says so") {
  const TemporaryFolder folder;
  TransactionLog log({.path = folder.file("t.csv"), .max_bytes = 2000});
  for (uint64_t i = 0; i < 1000; ++i) log.write({i, i + 1, "c", "m", "read", i, 1});
  log.close();
  const std::string text = read_text(folder.file("t.csv"));
  CHECK(text.size() <= 2000);
  CHECK_THAT(text, Catch::EndsWith("# cut at the limit of 2000 bytes\n"));
  CHECK_THAT(log.warning(), Catch::Contains("reached its limit"));
}
