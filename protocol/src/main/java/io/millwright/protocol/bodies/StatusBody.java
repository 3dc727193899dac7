package io.millwright.protocol.bodies;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millwright.protocol.vocabulary.job.CheckResult;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import io.millwright.protocol.vocabulary.job.Usage;
import java.util.List;
import java.util.Optional;

/**
 * How a run goes on; the body of STATUS.
 *
 * @param outcome of a run that ended; empty before
 * @param detail one sentence where there is more to say; else empty
 * @param checks what the checks around it came to so far
 */
public record StatusBody(
    RunId run,
    JobState state,
    Optional<Outcome> outcome,
    Usage usage,
    String detail,
    List<CheckResult> checks) {
  private static final List<String> FIELDS =
      List.of("job", "run", "state", "outcome", "usage", "detail", "checks");

  public StatusBody {
    checks = List.copyOf(checks);
  }

  /** Of a run without checks. */
  public StatusBody(
      RunId run, JobState state, Optional<Outcome> outcome, Usage usage, String detail) {
    this(run, state, outcome, usage, detail, List.of());
  }

  /**
   * @throws JsonMistake for what is no such body
   */
  public static StatusBody of(byte[] text) {
    Fields fields = Fields.of("", Json.read("the status", text), FIELDS);
    return new StatusBody(
        JobJson.run(fields),
        JobJson.state(fields),
        JobJson.optionalOutcome(fields),
        JobJson.usage(fields, "usage"),
        fields.optionalText("detail").orElse(""),
        JobJson.checkResults(fields, "checks"));
  }

  public byte[] json() {
    ObjectNode tree = JobJson.tree(run).put("state", state.word());
    outcome.ifPresent(how -> tree.put("outcome", how.text()));
    tree.set("usage", JobJson.tree(usage));
    if (!checks.isEmpty()) {
      tree.set("checks", JobJson.tree(checks));
    }
    return Json.bytes(detail.isEmpty() ? tree : tree.put("detail", detail));
  }
}
