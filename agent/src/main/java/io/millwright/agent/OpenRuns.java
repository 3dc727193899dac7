package io.millwright.agent;

import io.millwright.agent.jobs.Run;
import io.millwright.agent.launcher.Claims;
import io.millwright.agent.launcher.LauncherException;
import io.millwright.agent.launcher.Layout;
import io.millwright.agent.privileged.ForeignHolders;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.RunId;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The runs of this node that have devices, until these are free, with the device nodes that the
 * launcher wrote down of them. One of which that cannot be read has no nodes here, and its reason
 * is in the log, once.
 *
 * <p>Owned by the lane that asks, which waits for the disk.
 */
public final class OpenRuns implements Supplier<List<ForeignHolders.Running>> {
  private static final Logger LOG = LoggerFactory.getLogger(OpenRuns.class);

  private final Supplier<List<Run>> runs;
  private final Claims claims;

  /** Of which that was said. */
  private final Set<RunId> unreadable = new HashSet<>();

  /**
   * @param runs all that are known
   */
  public OpenRuns(Supplier<List<Run>> runs, Claims claims) {
    this.runs = runs;
    this.claims = claims;
  }

  @Override
  public List<ForeignHolders.Running> get() {
    List<Run> open =
        runs.get().stream().filter(run -> run.open() && !run.devices().isEmpty()).toList();
    unreadable.retainAll(open.stream().map(Run::id).collect(Collectors.toSet()));
    return open.stream()
        .map(run ->
            new ForeignHolders.Running(
                run.id().text(),
                Layout.group(Path.of("/"), run.id()).toString(),
                nodes(run.id()),
                run.state() == JobState.RUNNING || run.state() == JobState.STOPPING))
        .toList();
  }

  private List<String> nodes(RunId run) {
    try {
      return claims.opened(run);
    } catch (LauncherException trouble) {
      if (unreadable.add(run)) {
        LOG.warn("who has a run's devices open is not looked at run={}", run.text(), trouble);
      }
      return List.of();
    }
  }
}
