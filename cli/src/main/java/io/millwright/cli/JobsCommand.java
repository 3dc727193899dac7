package io.millwright.cli;

import io.millwright.protocol.views.JobView;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code jobs}: the runs that somebody may still care about, or all. */
@Command(
    name = "jobs",
    description = "Lists the newest run of each job; of those that have ended, the latest 20.")
final class JobsCommand implements Callable<Integer> {
  private static final int ENDED_SHOWN = 20;

  @Mixin private ConnectionOptions connection;
  @Mixin private ViewOptions view;

  @Option(names = "--all", description = "Lists all runs that the collector knows.")
  private boolean all;

  JobsCommand(Surroundings around) {
    this.connection = new ConnectionOptions(around);
    this.view = new ViewOptions(around);
  }

  @Override
  public Integer call() {
    Fetched<JobView> runs = Fetched.of(connection.collector(), "/v1/jobs", Views.JOBS);
    view.screen().list(Views.JOBS, all ? runs : newest(runs));
    return ExitCode.DONE;
  }

  /** The collector sends the newest first. */
  private static Fetched<JobView> newest(Fetched<JobView> runs) {
    Set<String> seen = new HashSet<>();
    Fetched<JobView> newest = runs.only(run -> seen.add(run.job()));
    Set<String> ended = new HashSet<>();
    return newest.only(
        run -> !Runs.ended(run) || (ended.size() < ENDED_SHOWN && ended.add(run.job())));
  }
}
