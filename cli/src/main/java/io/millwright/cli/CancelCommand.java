package io.millwright.cli;

import io.millwright.protocol.views.JobView;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code cancel}: wants the end of a run; the collector brings it about. */
@Command(name = "cancel", description = "Ends a run of a job.")
final class CancelCommand implements Callable<Integer> {
  private final Surroundings around;

  @Mixin private ConnectionOptions connection;
  @Mixin private RunOptions run = new RunOptions();

  CancelCommand(Surroundings around) {
    this.around = around;
    this.connection = new ConnectionOptions(around);
  }

  @Override
  public Integer call() {
    Collector collector = connection.collector();
    JobView found = run.view(collector);
    String path = RunOptions.path(found.job(), "/cancel") + "?run=" + found.run();
    around.out().println(Runs.line(collector.post(path, new byte[0], JobView.class)));
    return ExitCode.DONE;
  }
}
