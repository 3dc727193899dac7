package io.millwright.cli;

import io.millwright.cli.CollectorException.Kind;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.views.JobView;
import java.io.PrintStream;
import java.time.Duration;
import java.util.EnumSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code logs}: the output of a run, byte for byte where it can do nothing to a terminal. */
@Command(name = "logs", description = "Prints the output of a run.")
final class LogsCommand implements Callable<Integer> {
  private static final Duration PERIOD = Duration.ofMillis(300);

  private final Surroundings around;

  @Mixin private ConnectionOptions connection;
  @Mixin private RunOptions run = new RunOptions();

  @Option(
      names = {"-f", "--follow"},
      description = "Goes on until the run has ended.")
  private boolean follow;

  @Option(names = "--node", paramLabel = "N", description = "The share of it on this node.")
  private @Nullable String node;

  @Option(names = "--raw", description = "On a terminal too, its control characters.")
  private boolean raw;

  private final TerminalText tame = new TerminalText();

  LogsCommand(Surroundings around) {
    this.around = around;
    this.connection = new ConnectionOptions(around);
  }

  @Override
  public Integer call() throws InterruptedException {
    Collector collector = connection.collector();
    String path = path(run.view(collector));
    Patience patience = new Patience(collector.address(), around, PERIOD, EnumSet.of(Kind.AWAY));
    long offset = 0;
    while (true) {
      String asked = path + "&offset=" + offset;
      Collector.Output output =
          follow ? patience.ask(() -> collector.output(asked)) : collector.output(asked);
      sayDropped(output.offset() - offset);
      boolean more = output.next() > offset;
      boolean last =
          output.ended()
              || (!follow && (!more || output.bytes().length < Frame.ReadOutput.LARGEST));
      boolean written = write(output.bytes(), last);
      if (last || !written) {
        return ExitCode.DONE;
      }
      offset = Math.max(offset, output.next());
      if (!more) {
        patience.pause();
      }
    }
  }

  /** Of one run, whichever begins meanwhile. */
  private String path(JobView found) {
    String path = RunOptions.path(found.job(), "/logs") + "?run=" + found.run();
    return node == null ? path : path + "&node=" + Collector.part(node);
  }

  private void sayDropped(long bytes) {
    if (bytes > 0) {
      around.say("%d bytes of output are not kept any more".formatted(bytes));
    }
  }

  /** Whether somebody still reads what we write. */
  private boolean write(byte[] bytes, boolean last) {
    PrintStream out = around.out();
    byte[] shown = around.terminal() && !raw ? tame.of(bytes, last) : bytes;
    out.write(shown, 0, shown.length);
    return !out.checkError(); // flushes
  }
}
