// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "duet/platform/config/described_roots.hpp"
#include "duet/platform/config/type_model.hpp"

namespace duet::platform {

/// What is written about a key besides its meaning: "default 192", "required", "" when it may be left out.
std::string default_text(const KeyModel& key);

/// Every kind of file and its structures, for `describe` without a name.
std::string structure_list();

/// All keys of a structure with what may stand there, default and meaning, for a terminal.
std::string structure_text(const StructModel& model);

/// The reference page of one kind of file, in Markdown.
std::string reference_page(const DescribedRoot& root);

/// "platform.packages.noi": the places where a structure stands in the files of a kind.
std::vector<std::string> uses_of(const StructModel& model, const DescribedRoot& root);

}  // namespace duet::platform
