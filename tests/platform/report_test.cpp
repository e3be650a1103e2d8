// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/report/report.hpp"

#include <catch2/catch.hpp>
#include <fstream>

#include "duet/core/error.hpp"
#include "duet/platform/report/sha256.hpp"
#include "report_example.hpp"
#include "support/temporary_folder.hpp"

using duet::core::UserError;
using duet::platform::render_report;
using Json = nlohmann::ordered_json;

namespace {

std::string hexadecimal(const std::array<uint8_t, 32>& hash) {
  std::string text;
  for (const uint8_t byte : hash) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

size_t count(const std::string& text, const std::string& what) {
  size_t found = 0;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

bool has(const std::string& text, const std::string& what) {
  return text.find(what) != std::string::npos;
}

// The part of the page that a reader sees: without style, scripts and data.
std::string body(const std::string& html) {
  const size_t begin = html.find("<main>");
  return html.substr(begin, html.find("</main>") - begin);
}

}  // namespace

TEST_CASE("the hash is that of FIPS 180-4's examples") {
  using duet::platform::sha256;
  CHECK(hexadecimal(sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(hexadecimal(sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hexadecimal(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")) ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(hexadecimal(sha256(std::string(1'000'000, 'a'))) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  CHECK(duet::platform::base64(sha256("abc")) == "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
}

TEST_CASE("the page gives the answer first, then every part of the result") {
  const std::string html = render_report({{"a", duet::test::example_run("duet", 1, 320)}});
  CHECK(html.starts_with("<!doctype html>"));
  const std::string page = body(html);
  // 1.02 s and 10.2 ms are the summary's; 3920 is 64 requests / 16.34 ms.
  CHECK(page.find("<dd>1.02 s</dd>") < page.find("<table>"));
  CHECK(has(page, "<dd>10.2 ms</dd>"));
  CHECK(has(page, "<dd>3920 tokens/s</dd>"));
  CHECK_THAT(
      page, Catch::Contains("decode is bound by memory (5.0 % of peak compute, 96.2 % of memory bandwidth)"));
  CHECK(has(page, "does not fit"));
  // Three points with details; each has two layer-kind charts, one roofline, ...
  CHECK(count(page, "class=\"panel\"") == 3);
  CHECK(count(page, "data-chart=\"layer-kinds\"") == 6);
  CHECK(count(page, "data-chart=\"roofline\"") == 3);
  CHECK(count(page, "data-chart=\"timeline\"") == 6);
  CHECK(count(page, "<svg class=\"floorplan\"") == 6);
  CHECK(count(page, "data-chart=\"over-time\"") == 6);
  CHECK(count(page, "data-chart=\"energy\"") == 3);
  CHECK(count(page, "data-chart=\"area\"") == 3);
  // Every figure has its table.
  CHECK(count(page, "<figure>") == count(page, "<summary>Table</summary>"));
  // 28 and 20 nodes, three points.
  CHECK(count(page, "<g class=\"node h") == 3 * (28 + 20));
  CHECK(has(page, "arrays: tile, memory: stream, noi: packet"));
}

TEST_CASE("two runs are compared, with ratios over the batch sizes that both run") {
  Json slow = duet::test::example_run("b200", 2.2, 32);
  slow["points"].erase(2);
  const std::string page = body(render_report({{"a", duet::test::example_run("duet", 1, 32)}, {"b", slow}}));
  CHECK(has(page, "Relative to duet"));
  CHECK(has(page,
            "<th scope=\"row\">b200</th><td class=\"n\">2.20 ×</td><td class=\"n\">2.20 ×</td>"
            "<td class=\"n\">0.455 ×</td>"));
  CHECK(count(page, "data-chart=\"comparison\"") == 3);
  CHECK(count(page, "data-chart=\"comparison-kinds\"") == 2);
}

TEST_CASE("an experiment shows its curves, fronts and published values") {
  const std::string page = body(render_report({{"e", duet::test::example_experiment()}}));
  CHECK(count(page, "data-chart=\"ttft-over-batch\"") == 1);
  CHECK(count(page, "data-chart=\"throughput-tbt\"") == 1);
  CHECK(count(page, "data-chart=\"pareto\"") == 1);
  CHECK_THAT(page, Catch::Contains("Median absolute deviation of 2 values: 5.0 %; worst: 10.0 %."));
  CHECK(has(page, "<td class=\"n\">2.20 s</td><td class=\"n\">2.00 s</td><td class=\"n\">1.10</td>"));
}

TEST_CASE("the same results give the same bytes") {
  const Json result = duet::test::example_run("duet", 1, 64);
  CHECK(render_report({{"a", result}}) == render_report({{"a", result}}));
}

TEST_CASE("text of a result stays text") {
  Json result = duet::test::example_run("</script><script>alert(1)</script>", 1, 32);
  result["points"][0]["prefill"]["layer_kinds"][0]["kind"] = "<img src=x onerror=alert(1)>";
  const std::string html = render_report({{"a", result}});
  CHECK(html.find("<script>alert(1)") == std::string::npos);
  CHECK(html.find("<img") == std::string::npos);
  // The page's own: data, charts, page script.
  CHECK(count(html, "</script") == 3);
  CHECK(count(html, "<style") == 1);
  CHECK_FALSE(has(html, "unsafe-inline"));
  CHECK_FALSE(has(html, "unsafe-eval"));
}

TEST_CASE("the page asks for nothing from elsewhere") {
  const std::string html = render_report({{"a", duet::test::example_run("duet", 1, 32)}});
  const std::string before_scripts = html.substr(0, html.find("id=\"duet-data\""));
  for (const char* attribute : {" src=", "href=\"http", "url(", "@import"}) {
    CHECK(before_scripts.find(attribute) == std::string::npos);
  }
  CHECK(has(html, "default-src 'none'"));
  CHECK(has(html, "The Apache Software Foundation"));
  CHECK(has(html, "Baidu"));
}

// Every key of a value, as JSON pointers, parents first.
static void all_pointers(const Json& value, const Json::json_pointer& at,
                         std::vector<Json::json_pointer>& pointers) {
  if (value.is_object()) {
    for (const auto& [key, element] : value.items()) {
      pointers.push_back(at / key);
      all_pointers(element, at / key, pointers);
    }
  } else if (value.is_array() && !value.empty()) {
    all_pointers(value[0], at / 0, pointers);
  }
}

TEST_CASE("a result may lack any block, or have another type there") {
  Json whole = duet::test::example_run("duet", 1, 32);
  whole["points"].erase(1);
  whole["points"].erase(1);
  std::vector<Json::json_pointer> pointers;
  all_pointers(whole, Json::json_pointer{}, pointers);
  REQUIRE(pointers.size() > 100);
  for (const auto& pointer : pointers) {
    if (pointer.to_string() == "/points") continue;
    INFO(pointer.to_string());
    Json less = whole;
    less[pointer.parent_pointer()].erase(pointer.back());
    CHECK_NOTHROW(render_report({{"a", less}}));
    Json other = whole;
    other[pointer] = whole[pointer].is_string() ? Json(5) : Json("text");
    CHECK_NOTHROW(render_report({{"a", other}}));
  }
}

TEST_CASE("what is missing is named") {
  const Json bare = {
      {"points",
       {{{"batch", 8},
         {"ttft_s", 2.0},
         {"tbt_s", 0.01},
         {"decode", {{"layer_kinds", Json::array({Json{{"kind", "gemm"}, {"time_s", 0.01}}})}}}}}}};
  const std::string page = body(render_report({{"bare", bare}}));
  CHECK(has(page, "The result has no layer kinds of prefill."));
  CHECK(has(page, "The result has no timeline of decode."));
  CHECK(has(page, "The result has no floorplan of prefill."));
  CHECK(has(page, "The result has no energy."));
  CHECK(has(page, "The result has no area."));
  CHECK(has(page, "<dd>2.00 s</dd>"));
}

TEST_CASE("a file that is no result is refused with what is allowed") {
  const duet::test::TemporaryFolder folder;
  using duet::platform::read_report_input;
  CHECK_THROWS_WITH(read_report_input(folder.file("no.json")),
                    Catch::Contains("found no such file, allowed a result of"));
  std::ofstream(folder.file("bad.json")) << "{\"points\": [";
  CHECK_THROWS_WITH(read_report_input(folder.file("bad.json")), Catch::Contains("bad.json: found no JSON"));
  CHECK_THROWS_AS(render_report({{"x", Json{{"a", 1}}}}), UserError);
  CHECK_THROWS_AS(render_report({{"x", Json::array()}}), UserError);
  CHECK_THROWS_AS(render_report({}), UserError);
}
