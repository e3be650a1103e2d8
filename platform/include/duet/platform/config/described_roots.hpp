// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "duet/platform/config/config_document.hpp"
#include "duet/platform/config/type_model.hpp"

namespace duet::platform {

/// One kind of YAML file.
struct DescribedRoot {
  std::string_view name;    ///< "platform"
  std::string_view folder;  ///< of the shipped files: "platforms"
  std::string_view text;    ///< what such a file says
  const StructModel& (*model)();
};

/// Every kind of file; a new kind is one line in described_roots.cpp.
std::span<const DescribedRoot> described_roots();

/// The kind of that name. Throws core::UserError with the nearest name.
const DescribedRoot& find_root(std::string_view name);

/// The kind that most of the document's root keys belong to; the first if none fits.
const DescribedRoot& guess_root(const ConfigDocument& document);

/// The structure of that name in any kind of file, or the kind's own. Throws core::UserError.
const StructModel& find_structure(std::string_view name);

/// All structures of all kinds, each once.
std::vector<const StructModel*> every_structure();

}  // namespace duet::platform
