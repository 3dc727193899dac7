package io.millwright.agent.launcher.root;

import io.millwright.agent.launcher.ContainerHost;
import io.millwright.agent.launcher.Layout;
import io.millwright.agent.launcher.NeuronHost;
import java.nio.file.Path;
import java.util.List;

/** A node whose files all lie in one directory. */
public final class Layouts {
  private Layouts() {}

  /** With the devices of this machine, no bus, and the control groups in the directory itself. */
  public static Layout in(Path directory) {
    return new Layout(
        directory.resolve("policy.yaml"),
        directory.resolve("orders.d"),
        directory.resolve("ledger"),
        directory.resolve("runs"),
        directory.resolve("ended"),
        directory.resolve("env"),
        directory.resolve("s"),
        Path.of("/nonexistent"),
        Path.of("/bin/true"),
        List.of(),
        "root",
        new Layout.HostFiles(
            Path.of("/proc/devices"),
            Path.of("/dev"),
            directory,
            NeuronHost.under(directory),
            directory,
            directory.resolve("sys"),
            ContainerHost.under(directory)));
  }
}
