// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

#include "duet/platform/config/config_document.hpp"
#include "duet/platform/config/yaml_writer.hpp"
#include "support/temporary_folder.hpp"

using duet::platform::ConfigDocument;
using duet::platform::flow_yaml;

namespace {

void write(const std::filesystem::path& file, const std::string& text) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file) << text;
}

}  // namespace

TEST_CASE("the including file wins, later includes win over earlier ones, maps merge deeply") {
  const duet::test::TemporaryFolder folder;
  write(folder.file("a.yaml"), "map: {a: 1, b: 1, c: 1}\nlist: [1, 2]\nonly_a: 1\n");
  write(folder.file("b.yaml"), "map: {b: 2, c: 2}\n");
  write(folder.file("root.yaml"), "include: [a.yaml, b.yaml]\nmap: {c: 3}\nlist: [9]\n");
  const ConfigDocument document = ConfigDocument::from_file(folder.file("root.yaml"));
  CHECK(flow_yaml(document.root()) == "{map: {a: 1, b: 2, c: 3}, list: [9], only_a: 1}");
  CHECK(document.files().size() == 3);
}

TEST_CASE("a null takes a map of an included file away, and leaves a mistake of anything else") {
  const duet::test::TemporaryFolder folder;
  write(folder.file("a.yaml"), "map: {a: {x: 1}, b: {x: 2}}\nnumber: 1\n");
  write(folder.file("root.yaml"), "include: a.yaml\nmap: {a: null}\nnumber: null\n");
  ConfigDocument document = ConfigDocument::from_file(folder.file("root.yaml"));
  CHECK(flow_yaml(document.root()) == "{map: {b: {x: 2}}, number: null}");
  document.set("map.b=null");
  CHECK(flow_yaml(document.root()) == "{map: {}, number: null}");
}

TEST_CASE("each value keeps the place where it was written") {
  const duet::test::TemporaryFolder folder;
  write(folder.file("a.yaml"), "map:\n  a: 1\n  b: 1\n");
  write(folder.file("root.yaml"), "include: a.yaml\nmap: {b: 2}\n");
  ConfigDocument document = ConfigDocument::from_file(folder.file("root.yaml"));
  document.set("map.c=3");
  const auto* map = document.root().find("map");
  REQUIRE(map != nullptr);
  CHECK(map->find("a")->location.text() == folder.file("a.yaml") + ":2:6");
  CHECK(map->find("b")->location.text() == folder.file("root.yaml") + ":2:10");
  CHECK(map->find("c")->location.text() == "--set map.c=3");
}

TEST_CASE("an include may stand in any map, relative to its own file") {
  const duet::test::TemporaryFolder folder;
  write(folder.file("parts/leaf.yaml"), "x: 1\n");
  write(folder.file("parts/branch.yaml"), "include: leaf.yaml\ny: 2\n");
  write(folder.file("root.yaml"),
        "deep: {include: parts/branch.yaml, z: 3}\nlist:\n  - {include: parts/leaf.yaml}\n");
  const ConfigDocument document = ConfigDocument::from_file(folder.file("root.yaml"));
  CHECK(flow_yaml(document.root()) == "{deep: {x: 1, y: 2, z: 3}, list: [{x: 1}]}");
}

TEST_CASE("the same file may be included twice, but not by itself") {
  const duet::test::TemporaryFolder folder;
  write(folder.file("leaf.yaml"), "x: 1\n");
  write(folder.file("root.yaml"), "a: {include: leaf.yaml}\nb: {include: leaf.yaml}\n");
  CHECK(flow_yaml(ConfigDocument::from_file(folder.file("root.yaml")).root()) == "{a: {x: 1}, b: {x: 1}}");
  write(folder.file("leaf.yaml"), "include: leaf.yaml\n");
  CHECK_THROWS_WITH(ConfigDocument::from_file(folder.file("root.yaml")), Catch::Contains("cycle"));
}

TEST_CASE("a check that knows only the path gets the nearest place that was written") {
  const ConfigDocument document =
      ConfigDocument::from_text("packages:\n  p:\n    nodes: [{type: a}]\n", "x.yaml");
  CHECK(document.mistake("packages.p.nodes[0].x", "found 1, allowed 2").what() ==
        std::string("x.yaml:3:13: packages.p.nodes[0].x: found 1, allowed 2"));
  CHECK(document.located(duet::core::UserError("model 'm': packages.p.role: found 1, allowed 2")).what() ==
        std::string("x.yaml:3:5: packages.p.role: found 1, allowed 2"));
}

TEST_CASE("one command line overrides files of several kinds") {
  const duet::test::TemporaryFolder folder;
  write(folder.file("a.yaml"), "x: 1\ny: 1\n");
  const std::vector<std::string> overrides{"x=2", "model.x=3", "platform.y=4", "modelled=5"};
  const std::vector<std::string> kinds{"platform", "model"};
  CHECK(flow_yaml(ConfigDocument::from_file(folder.file("a.yaml"), overrides, "platform", kinds).root()) ==
        "{x: 2, y: 4, modelled: 5}");
  const ConfigDocument model = ConfigDocument::from_file(folder.file("a.yaml"), overrides, "model", kinds);
  CHECK(flow_yaml(model.root()) == "{x: 3, y: 1}");
  CHECK(model.root().find("x")->location.text() == "--set model.x=3");
}
