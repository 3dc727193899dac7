package io.millwright.protocol.bodies;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millwright.protocol.vocabulary.job.ImexChannel;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import java.util.List;
import java.util.Optional;

/**
 * What a node did with a DESIRED, and what it holds; the body of APPLIED.
 *
 * @param refusal why nothing of it was taken but its stops, in one sentence; empty when it was
 * @param results of the runs that it names, or where it asked to recall them of all that the node
 *     remembers, the open ones and then the newest first; as many of them as a frame holds
 * @param held every run that has devices here
 */
public record AppliedBody(Optional<String> refusal, List<Result> results, List<Held> held) {
  private static final List<String> FIELDS = List.of("refusal", "results", "held");
  private static final List<String> RESULT = List.of("job", "run", "state", "outcome");
  private static final List<String> HELD = List.of("job", "run", "devices", "channel");

  public AppliedBody {
    results = List.copyOf(results);
    held = List.copyOf(held);
  }

  /**
   * Where a named run stands.
   *
   * @param outcome of one that ended, a refusal among them
   */
  public record Result(RunId run, JobState state, Optional<Outcome> outcome) {}

  /** A run that has not ended on the node, the UUIDs of its devices, and its channel. */
  public record Held(RunId run, List<String> devices, Optional<ImexChannel> channel) {
    public Held {
      devices = List.copyOf(devices);
    }

    /** Without a channel. */
    public Held(RunId run, List<String> devices) {
      this(run, devices, Optional.empty());
    }
  }

  /**
   * @throws JsonMistake for what is no such body
   */
  public static AppliedBody of(byte[] text) {
    Fields fields = Fields.of("", Json.read("the answer", text), FIELDS);
    return new AppliedBody(
        fields.optionalText("refusal"),
        fields.objects("results", RESULT).stream().map(AppliedBody::result).toList(),
        fields.objects("held", HELD).stream()
            .map(held -> new Held(JobJson.run(held), held.texts("devices"), JobJson.channel(held)))
            .toList());
  }

  private static Result result(Fields fields) {
    return new Result(JobJson.run(fields), JobJson.state(fields), JobJson.optionalOutcome(fields));
  }

  /** The same with the first of its results, as many as so many bytes of {@link #json} hold. */
  public AppliedBody within(int bytes) {
    int left = bytes + 1 - new AppliedBody(refusal, List.of(), held).json().length; // a comma less
    int empty = new AppliedBody(Optional.empty(), List.of(), List.of()).json().length;
    int fitting = 0;
    for (Result result : results) {
      left -=
          new AppliedBody(Optional.empty(), List.of(result), List.of()).json().length - empty + 1;
      if (left < 0) {
        break;
      }
      fitting++;
    }
    return new AppliedBody(refusal, results.subList(0, fitting), held);
  }

  public byte[] json() {
    ObjectNode tree = Json.object();
    refusal.ifPresent(sentence -> tree.put("refusal", sentence));
    ArrayNode all = tree.putArray("results");
    for (Result result : results) {
      ObjectNode one = JobJson.tree(result.run()).put("state", result.state().word());
      result.outcome().ifPresent(outcome -> one.put("outcome", outcome.text()));
      all.add(one);
    }
    ArrayNode runs = tree.putArray("held");
    for (Held run : held) {
      ObjectNode one = JobJson.tree(run.run());
      run.devices().forEach(one.putArray("devices")::add);
      run.channel().ifPresent(channel -> one.put("channel", channel.number()));
      runs.add(one);
    }
    return Json.bytes(tree);
  }
}
