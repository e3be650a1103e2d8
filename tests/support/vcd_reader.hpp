// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace duet::test {

/// What a VCD file says, read independently of the writer: changes per hierarchical name.
struct VcdFile {
  struct Signal {
    std::string type;
    unsigned width = 0;
    std::vector<std::pair<uint64_t, std::string>> changes;  ///< (time_ps, digits or text), the dump included

    /// The value at a time; "" before the first.
    [[nodiscard]] std::string at(uint64_t time_ps) const {
      std::string value;
      for (const auto& [time, text] : changes) {
        if (time > time_ps) break;
        value = text;
      }
      return value;
    }
    /// Time of the first change to `text` at or after `from_ps`; ~0 if there is none.
    [[nodiscard]] uint64_t first(const std::string& text, uint64_t from_ps = 0) const {
      for (const auto& [time, value] : changes) {
        if (time >= from_ps && value == text) return time;
      }
      return ~uint64_t{0};
    }
  };
  std::string timescale;
  std::map<std::string, Signal> signals;
  std::vector<uint64_t> stamps;
  std::vector<std::string> comments;
};

/// Throws std::runtime_error for anything that the grammar does not allow, and for time that goes back.
inline VcdFile read_vcd(const std::string& path) {
  std::ifstream in(path);
  if (!in) throw std::runtime_error("no file " + path);
  VcdFile file;
  std::map<std::string, std::vector<std::string>> names;  // identifier -> hierarchical names
  std::vector<std::string> scopes;
  std::string word;
  bool definitions = true;
  uint64_t time = 0;
  const auto until_end = [&] {
    std::string text;
    std::string part;
    while (in >> part && part != "$end") text += (text.empty() ? "" : " ") + part;
    if (part != "$end") throw std::runtime_error("$end is missing");
    return text;
  };
  const auto record = [&](const std::string& identifier, const std::string& value) {
    const auto found = names.find(identifier);
    if (found == names.end()) throw std::runtime_error("unknown identifier " + identifier);
    for (const auto& name : found->second) file.signals[name].changes.emplace_back(time, value);
  };
  while (in >> word) {
    if (word == "$scope") {
      std::istringstream text(until_end());
      std::string type;
      std::string name;
      text >> type >> name;
      scopes.push_back(name);
    } else if (word == "$upscope") {
      until_end();
      if (scopes.empty()) throw std::runtime_error("$upscope without $scope");
      scopes.pop_back();
    } else if (word == "$var") {
      std::istringstream text(until_end());
      std::string identifier;
      std::string name;
      VcdFile::Signal signal;
      text >> signal.type >> signal.width >> identifier >> name;
      std::string path_name;
      for (const auto& scope : scopes) path_name += scope + ".";
      path_name += name;
      if (!file.signals.emplace(path_name, signal).second) throw std::runtime_error("twice: " + path_name);
      names[identifier].push_back(path_name);
    } else if (word == "$timescale") {
      file.timescale = until_end();
    } else if (word == "$enddefinitions") {
      until_end();
      if (!scopes.empty()) throw std::runtime_error("$upscope is missing");
      definitions = false;
    } else if (word == "$comment") {
      file.comments.push_back(until_end());
    } else if (word == "$version" || word == "$date") {
      until_end();
    } else if (word == "$dumpvars" || word == "$end") {
      if (definitions) throw std::runtime_error(word + " in the definitions");
    } else if (word[0] == '#') {
      const uint64_t next = std::stoull(word.substr(1));
      if (!file.stamps.empty() && next < time) throw std::runtime_error("time goes back at " + word);
      time = next;
      file.stamps.push_back(time);
    } else if (word[0] == 'b' || word[0] == 'r' || word[0] == 's') {
      std::string identifier;
      in >> identifier;
      record(identifier, word.substr(1));
    } else if (word[0] == '0' || word[0] == '1' || word[0] == 'x') {
      record(word.substr(1), word.substr(0, 1));
    } else {
      throw std::runtime_error("not VCD: " + word);
    }
  }
  if (definitions) throw std::runtime_error("no $enddefinitions");
  return file;
}

}  // namespace duet::test
