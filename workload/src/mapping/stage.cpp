// SPDX-License-Identifier: Apache-2.0
#include "duet/workload/mapping/stage.hpp"

#include <algorithm>
#include <map>

namespace duet::workload {
namespace {

bool fusion_enabled(const Operator& op, const core::FusionDescription& fusion) {
  switch (op.kind) {
    case OperatorKind::norm:
    case OperatorKind::gated_norm:
      return fusion.norm;
    case OperatorKind::activation:
      return fusion.activation;
    case OperatorKind::gate:
      return fusion.gate;
    case OperatorKind::residual:
      return fusion.residual;
    case OperatorKind::conv1d:
      return fusion.conv1d;
    case OperatorKind::rotary:
      return fusion.rotary;
    case OperatorKind::kv_append:
    case OperatorKind::argmax:
      return true;
    default:
      return false;
  }
}

bool is_array_kernel(const Operator& op) {
  return op.kind == OperatorKind::gemm || op.kind == OperatorKind::ssm || op.kind == OperatorKind::attention;
}

class StageMaker {
 public:
  StageMaker(const Graph& graph, const core::FusionDescription& fusion) : graph_(graph), fusion_(fusion) {
    for (size_t i = 0; i < graph_.size(); ++i) {
      for (const auto& input : graph_[i].inputs) consumers_[input.name].push_back(i);
    }
  }

  std::vector<Stage> run() {
    for (size_t i = 0; i < graph_.size(); ++i) place(i);
    for (size_t s = 0; s < stages_.size(); ++s) connect(s);
    return std::move(stages_);
  }

 private:
  void place(size_t index) {
    const Operator& op = graph_[index];
    if (fusion_enabled(op, fusion_)) {
      const int producer = producing_stage(op);
      const bool may_join_producer = op.fusion == Fusion::producer || op.fusion == Fusion::either;
      // A norm of the residual stream goes to its consumer, which sees whole rows; what follows an
      // array kernel of the same layer goes to that kernel.
      if (may_join_producer && producer >= 0 && joins(op, producer)) {
        join(index, producer);
        return;
      }
      const auto consumers = consumers_of(op);
      const bool may_join_consumer = op.fusion == Fusion::consumer || op.fusion == Fusion::either;
      if (may_join_consumer && consumers.size() == 1 && is_array_kernel(graph_[consumers[0]])) {
        waiting_[consumers[0]].push_back(index);
        return;
      }
    }
    Stage stage;
    stage.main = &op;
    stages_.push_back(std::move(stage));
    const int number = static_cast<int>(stages_.size()) - 1;
    for (const size_t earlier : waiting_[index]) {
      stages_.back().fused.push_back(&graph_[earlier]);
      stage_of_[earlier] = number;
      stages_.back().input_functions += graph_[earlier].functions;
      own_outputs(graph_[earlier], number);
    }
    stage_of_[index] = number;
    own_outputs(op, number);
  }

  void own_outputs(const Operator& op, int stage) {
    for (const auto& output : op.outputs) maker_[output.name] = stage;
  }

  int producing_stage(const Operator& op) const {
    int latest = -1;
    for (const auto& input : op.inputs) {
      const auto found = maker_.find(input.name);
      if (found != maker_.end()) latest = std::max(latest, found->second);
    }
    return latest;
  }

  /// Only the latest stage can take more, only if it runs on the arrays and makes an input of this layer.
  bool joins(const Operator& op, int stage) const {
    const Stage& target = stages_[static_cast<size_t>(stage)];
    if (stage + 1 != static_cast<int>(stages_.size()) && op.kind != OperatorKind::kv_append) return false;
    if (!is_array_kernel(*target.main)) return false;
    if (op.kind == OperatorKind::norm) return false;
    return target.main->layer == op.layer || op.kind == OperatorKind::residual;
  }

  void join(size_t index, int stage) {
    const Operator& op = graph_[index];
    Stage& target = stages_[static_cast<size_t>(stage)];
    target.fused.push_back(&op);
    target.output_functions += op.functions;
    stage_of_[index] = stage;
    own_outputs(op, stage);
  }

  /// Operators that compute with the results; sending a result away takes nothing from them.
  std::vector<size_t> consumers_of(const Operator& op) const {
    std::vector<size_t> result;
    for (const auto& output : op.outputs) {
      const auto found = consumers_.find(output.name);
      if (found == consumers_.end()) continue;
      for (const size_t consumer : found->second) {
        const bool computes = graph_[consumer].kind != OperatorKind::cache_transfer;
        if (computes && std::ranges::find(result, consumer) == result.end()) result.push_back(consumer);
      }
    }
    return result;
  }

  void connect(size_t number) {
    Stage& stage = stages_[number];
    std::vector<const Operator*> members = stage.fused;
    members.push_back(stage.main);
    for (const Operator* op : members) {
      for (const auto& input : op->inputs) {
        const auto maker = maker_.find(input.name);
        const bool internal = maker != maker_.end() && maker->second == static_cast<int>(number);
        if (!internal &&
            std::ranges::find(stage.inputs, input.name, &TensorUse::name) == stage.inputs.end()) {
          stage.inputs.push_back(input);
        }
      }
      for (const auto& output : op->outputs) {
        if (leaves(output.name, static_cast<int>(number))) stage.outputs.push_back(output);
      }
    }
  }

  bool leaves(const std::string& tensor, int stage) const {
    const auto found = consumers_.find(tensor);
    if (found == consumers_.end()) return true;  // the program's result
    return std::ranges::any_of(found->second,
                               [&](size_t consumer) { return stage_of_.at(consumer) != stage; });
  }

  const Graph& graph_;
  const core::FusionDescription& fusion_;
  std::map<std::string, std::vector<size_t>> consumers_;
  std::map<std::string, int> maker_;
  std::map<size_t, int> stage_of_;
  std::map<size_t, std::vector<size_t>> waiting_;
  std::vector<Stage> stages_;
};

}  // namespace

std::uint64_t Stage::weight_bytes() const {
  std::uint64_t sum = main->kind == OperatorKind::embedding ? 0 : main->weight_bytes();
  for (const Operator* op : fused) sum += op->weight_bytes();
  return sum;
}

std::uint64_t Stage::macs() const {
  std::uint64_t sum = main->macs;
  for (const Operator* op : fused) sum += op->macs;
  return sum;
}

const Operator* Stage::find(OperatorKind kind) const {
  if (main->kind == kind) return main;
  const auto found = std::ranges::find(fused, kind, &Operator::kind);
  return found == fused.end() ? nullptr : *found;
}

std::vector<Stage> make_stages(const Graph& graph, const core::FusionDescription& fusion) {
  return StageMaker(graph, fusion).run();
}

}  // namespace duet::workload
