// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "duet/platform/experiment/validation_report.hpp"

namespace duet::platform {

/// The values of the input `variant`, in the order of the rows.
std::vector<std::string> variants_of(const ExperimentResults& results);

/// The rows of one variant, without that input.
ExperimentResults only_variant(const ExperimentResults& results, const std::string& variant);

/// "-13.4 %".
std::string signed_percent(double share);

/// Errors of the figures under each variant of experiments that read a system or a model otherwise; what they
/// have not run is as in the table. Empty when nothing has run.
std::string readings_section(const PublishedDescription& published, const ExperimentResults& table,
                             const std::vector<ExperimentResults>& readings);

/// Every ratio to the base at every batch size, also where no figure is published.
std::string batches_section(const PublishedDescription& published, const ExperimentResults& table);

/// The laws of check_physics() with what they were checked on.
std::string physics_section(const ExperimentResults& table);

}  // namespace duet::platform
