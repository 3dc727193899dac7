package io.millwright.collector;

import io.millwright.collector.backup.BackupException;
import io.millwright.collector.backup.Restore;
import io.millwright.collector.recovery.RecoveryNote;
import io.millwright.collector.store.Op;
import io.millwright.collector.store.StoreException;
import io.millwright.protocol.clock.Clock;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code collector restore}. Exit codes: 0 restored, 64 usage, 78 not restored. */
@Command(
    name = "restore",
    description = {
      "Makes the directory of a collector of a backup.",
      "The collector that starts there places and stops nothing before its nodes have said what they have."
    },
    mixinStandardHelpOptions = true)
final class RestoreCommand implements Callable<Integer> {
  private static final int DONE = 0;
  private static final int CONFIGURATION = 78;

  @Option(
      names = "--from",
      paramLabel = "DIR",
      required = true,
      description = "The directory that 'collector backup' made.")
  private Path from = Path.of("");

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Where the collector is to keep its store, and none is yet; ${DEFAULT-VALUE} otherwise.")
  private Path data = Path.of("/var/lib/millwright/collector/data");

  @Option(
      names = "--generation",
      paramLabel = "N",
      description =
          "Of the restored store, where the lost one was itself restored: higher than any before. One more than the backup's otherwise.")
  private @Nullable Long generation;

  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  @Override
  public Integer call() {
    OptionalLong wanted = generation == null ? OptionalLong.empty() : OptionalLong.of(generation);
    Clock clock = Clock.system();
    try {
      Restore.Restored restored = new Restore(from, data, wanted).run(of -> note(of, clock));
      spec.commandLine()
          .getOut()
          .println(
              "restored into %s as generation %d: %s; start the collector and follow 'millwright recovery'"
                  .formatted(data, restored.generation(), restored.backup().words()));
      return DONE;
    } catch (BackupException | StoreException e) {
      spec.commandLine().getErr().println(e.getMessage());
      return CONFIGURATION;
    }
  }

  private static Op.Put note(Restore.Restored restored, Clock clock) {
    return RecoveryNote.restored(clock.wall(), restored.backup().words(), restored.generation())
        .put();
  }
}
