package io.millwright.simulator.determinism;

import io.millwright.collector.jobs.Member;
import io.millwright.collector.jobs.Run;
import io.millwright.protocol.vocabulary.job.JobSpec;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.RunId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What was seen of one store's book: what is in it can only go on from there. */
final class BookView {
  private final Map<RunId, JobSpec> acknowledged = new HashMap<>();
  private final Map<RunId, List<String>> granted = new HashMap<>();
  private final Map<RunId, Run> ended = new HashMap<>();

  BookView copy() {
    BookView copy = new BookView();
    copy.acknowledged.putAll(acknowledged);
    copy.granted.putAll(granted);
    copy.ended.putAll(ended);
    return copy;
  }

  void acknowledged(Run run) {
    acknowledged.put(run.id(), run.spec());
  }

  boolean over(RunId run) {
    return ended.containsKey(run);
  }

  void look(List<Run> runs, boolean recovering) {
    Map<RunId, Run> now = new HashMap<>();
    Set<String> taken = new HashSet<>();
    for (Run run : runs) {
      now.put(run.id(), run);
      Violation.unless(
          recovering || whole(run),
          "I8",
          "%s has %d members, wanted are %d",
          run.id().text(),
          run.members().size(),
          run.spec().nodes());
      for (Member member : run.members()) {
        if (member.open()) {
          for (String device : member.devices().uuids()) {
            Violation.unless(
                taken.add(member.node() + " " + device),
                "I1",
                "%s of %s is granted twice, once to %s",
                device,
                member.node(),
                run.id().text());
          }
        }
      }
    }
    acknowledged.forEach((id, spec) -> {
      Run run = now.get(id);
      Violation.unless(
          run != null && run.spec().equals(spec),
          "I4",
          "%s was accepted and is not in the book",
          id.text());
    });
    granted.forEach((id, devices) -> {
      Run run = now.get(id);
      Violation.unless(
          run != null && devices(run).equals(devices),
          "I4",
          "the grant of %s is gone or changed",
          id.text());
    });
    ended.forEach((id, before) ->
        Violation.unless(
            before.equals(now.get(id)),
            "I3",
            "%s had ended as %s, and is %s",
            id.text(),
            before,
            String.valueOf(now.get(id))));
    runs.forEach(this::note);
  }

  private void note(Run run) {
    if (run.grant().isPresent()) {
      granted.put(run.id(), devices(run));
    }
    if (run.state() == JobState.ENDED) {
      ended.put(run.id(), run);
    }
  }

  /** All members are granted, or none; what a recovery found of a half one is to end. */
  private static boolean whole(Run run) {
    return run.grant().isEmpty()
        || run.members().size() == run.spec().nodes()
        || run.stop().isPresent()
        || run.ended().isPresent();
  }

  private static List<String> devices(Run run) {
    return run.members().stream().map(member -> member.node() + member.devices().uuids()).toList();
  }
}
