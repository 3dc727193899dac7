package io.millwright.collector.control;

import io.millwright.collector.downlink.Downlink;
import io.millwright.collector.jobs.JobBook;
import io.millwright.collector.jobs.Member;
import io.millwright.collector.jobs.Run;
import io.millwright.collector.recovery.Recovering;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives the members of runs over several nodes their go, all of them or none.
 *
 * <p>Go is given once every member has reported that it is ready and its node answers in a session
 * that is open. Where that takes longer than {@link
 * io.millwright.protocol.vocabulary.job.JobSpec#gangWaitMs} the run is stopped as {@code
 * group-failed}, and nothing of it has ever begun. The time counts by the monotonic clock from the
 * turn in which the run was granted, and anew from a start of the collector or the end of a
 * recovery.
 *
 * <p><i>Threading:</i> the thread {@code control}. <i>Failure:</i> as the book's; what was not
 * written has not happened, and is tried again at the next turn.
 */
final class Gangs {
  private static final Logger LOG = LoggerFactory.getLogger(Gangs.class);
  private static final int MOST_NAMED = 3;

  private final JobBook book;
  private final Downlink downlink;
  private final Recovering recovering;
  private final Clock clock;
  private final Map<RunId, Long> sinceNanos = new HashMap<>();

  Gangs(JobBook book, Downlink downlink, Recovering recovering, Clock clock) {
    this.book = book;
    this.downlink = downlink;
    this.recovering = recovering;
    this.clock = clock;
  }

  /** A store that is in doubt begins nothing and stops nothing. */
  void turn() {
    List<Run> awaiting = recovering.active() ? List.of() : book.awaitingGo();
    if (awaiting.isEmpty() && sinceNanos.isEmpty()) {
      return; // as nearly always
    }
    sinceNanos.keySet().retainAll(awaiting.stream().map(Run::id).collect(Collectors.toSet()));
    for (Run run : awaiting) {
      look(run);
    }
  }

  private void look(Run run) {
    long now = clock.nanos();
    long since = sinceNanos.computeIfAbsent(run.id(), first -> now);
    if (run.members().stream().allMatch(this::ready)) {
      book.go(run.id());
      LOG.info("all members are ready and begin run={}", run.id().text());
      return;
    }
    if (now - since >= Duration.ofMillis(run.spec().gangWaitMs()).toNanos()) {
      String unready = unready(run);
      LOG.warn("run ends before it began run={} not ready: {}", run.id().text(), unready);
      book.stop(run.id(), Outcome.Kind.GROUP_FAILED, "gang");
    }
  }

  private boolean ready(Member member) {
    return member.state() == JobState.READY && downlink.answers(member.node());
  }

  private String unready(Run run) {
    List<String> nodes =
        run.members().stream().filter(member -> !ready(member)).map(Member::node).toList();
    String first = nodes.stream().limit(MOST_NAMED).collect(Collectors.joining(", "));
    return nodes.size() > MOST_NAMED
        ? "%s and %d more".formatted(first, nodes.size() - MOST_NAMED)
        : first;
  }
}
