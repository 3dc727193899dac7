package io.millwright.collector;

import io.millwright.collector.backup.Backup;
import io.millwright.collector.backup.BackupException;
import io.millwright.collector.store.StoreException;
import io.millwright.protocol.clock.Clock;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code collector backup}. Exit codes: 0 made, 1 made without damaged accounts of runs, 64 usage,
 * 78 not made.
 */
@Command(
    name = "backup",
    description = {
      "Copies the collector's store, its events and what runs have used, also of a collector",
      "that runs.",
      "The authority's keys and the file of tokens are not in it: keep those apart."
    },
    mixinStandardHelpOptions = true)
final class BackupCommand implements Callable<Integer> {
  private static final int DONE = 0;
  private static final int IN_PART = 1;
  private static final int CONFIGURATION = 78;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Where the collector keeps its store; ${DEFAULT-VALUE} otherwise.")
  private Path data = Path.of("/var/lib/millwright/collector/data");

  @Option(
      names = "--to",
      paramLabel = "DIR",
      required = true,
      description = "The directory that is made; it must not be there yet.")
  private Path to = Path.of("");

  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  @Override
  public Integer call() {
    try {
      Backup.Made made = new Backup(data, to, Clock.system()).make();
      spec.commandLine()
          .getOut()
          .println(
              "backup %s: %s; without the authority's keys and the file of tokens"
                  .formatted(to, made.manifest().words()));
      made.without().ifPresent(spec.commandLine().getErr()::println);
      return made.without().isPresent() ? IN_PART : DONE;
    } catch (BackupException | StoreException e) {
      spec.commandLine().getErr().println(e.getMessage());
      return CONFIGURATION;
    }
  }
}
