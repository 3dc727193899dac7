package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Debian's Slurm as {@code ./millwright test} unpacked it: munged, slurmctld and slurmd of one node
 * on loopback, in a directory of their own. Steps run as root, in no control group of their own.
 *
 * <p><i>Lifecycle:</i> {@link #unpacked}, {@link #start}, {@link #close} ends the daemons by their
 * processes. <i>Failure:</i> where Slurm cannot be run, the test is skipped and says why; with
 * {@code --long} it fails.
 */
final class SlurmRig implements AutoCloseable {
  static final String NODE = "n1";
  private static final int KEY_BYTES = 1_024;

  private final Path tools;
  private final Path directory;
  private final List<Process> daemons = new ArrayList<>();

  private SlurmRig(Path tools, Path directory) {
    this.tools = tools;
    this.directory = directory;
  }

  /** Its programs, and a directory for it; nothing runs yet. */
  static SlurmRig unpacked() throws IOException {
    String tools = System.getProperty("slurm", "");
    if (tools.isEmpty()) {
      cannot("Slurm was not unpacked: run the tests by ./millwright test");
    }
    if (!System.getProperty("user.name").equals("root")) {
      cannot("slurmd needs root");
    }
    return new SlurmRig(Path.of(tools), Scratch.directory("mw-slurm"));
  }

  private static void cannot(String why) {
    if (System.getProperty("long", "").equals("yes")) {
      throw new AssertionError(why);
    }
    System.out.println("skipped: " + why);
    abort(why);
  }

  /**
   * Waits until the node may have work.
   *
   * @param more lines of slurm.conf
   */
  void start(String... more) throws IOException {
    for (String made : List.of("munge", "state", "spool")) {
      Files.createDirectories(directory.resolve(made));
    }
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.setPosixFilePermissions(
        directory.resolve("munge"), PosixFilePermissions.fromString("rwx--x--x"));
    byte[] key = new byte[KEY_BYTES];
    new SecureRandom().nextBytes(key);
    Files.write(directory.resolve("munge/key"), key);
    Files.setPosixFilePermissions(
        directory.resolve("munge/key"), PosixFilePermissions.fromString("r--------"));
    Files.writeString(configuration(), text(List.of(more)));
    String munge = directory.resolve("munge") + "/";
    daemon(
        "munged",
        "usr/sbin/munged",
        "--force",
        "--foreground",
        "--socket=" + munge + "s",
        "--key-file=" + munge + "key",
        "--pid-file=" + munge + "pid",
        "--log-file=" + munge + "log",
        "--seed-file=" + munge + "seed");
    AgentProcess.soon().until(() -> Files.exists(directory.resolve("munge/s")));
    daemon("slurmctld", "usr/sbin/slurmctld-wlm", "-D", "-f", configuration().toString());
    daemon(
        "slurmd",
        "usr/sbin/slurmd-wlm",
        "-D",
        "-f",
        configuration().toString(),
        "-N",
        NODE,
        "-d",
        tools.resolve("usr/sbin/slurmstepd-wlm").toString());
    AgentProcess.soon().ignoreExceptions().until(() -> state().contains("State=IDLE "));
  }

  private String text(List<String> more) throws IOException {
    String host = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    String text =
        """
        ClusterName=rig
        SlurmctldHost=%1$s(127.0.0.1)
        SlurmUser=root
        SlurmctldPort=%2$d
        SlurmdPort=%3$d
        CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
        AuthType=auth/munge
        AuthInfo=socket=%4$s/munge/s
        CredType=cred/munge
        PluginDir=%5$s
        StateSaveLocation=%4$s/state
        SlurmdSpoolDir=%4$s/spool
        SlurmctldPidFile=%4$s/slurmctld.pid
        SlurmdPidFile=%4$s/slurmd.pid
        SlurmctldLogFile=%4$s/slurmctld.log
        SlurmdLogFile=%4$s/slurmd.log
        ProctrackType=proctrack/linuxproc
        TaskPlugin=task/none
        JobAcctGatherType=jobacct_gather/none
        AccountingStorageType=accounting_storage/none
        SwitchType=switch/none
        MpiDefault=none
        SelectType=select/cons_tres
        SelectTypeParameters=CR_CPU
        SlurmdParameters=config_overrides
        SchedulerParameters=batch_sched_delay=0
        ReturnToService=2
        NodeName=%6$s NodeHostname=%1$s NodeAddr=127.0.0.1 CPUs=8
        PartitionName=all Nodes=%6$s Default=YES State=UP
        """
            .formatted(host, freePort(), freePort(), directory, plugins(), NODE);
    return text + String.join("\n", more) + "\n";
  }

  private Path plugins() {
    return tools.resolve("usr/lib/x86_64-linux-gnu/slurm-wlm");
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  /** Where its own files are. */
  Path directory() {
    return directory;
  }

  private Path configuration() {
    return directory.resolve("slurm.conf");
  }

  /** One of its programs, by the path beneath what was unpacked. */
  Path program(String path) {
    return tools.resolve(path);
  }

  /** What its programs need to find each other. */
  ProcessBuilder with(String... command) {
    ProcessBuilder builder = new ProcessBuilder(command).redirectInput(new File("/dev/null"));
    builder.environment().put("LD_LIBRARY_PATH", libraries());
    builder.environment().put("SLURM_CONF", configuration().toString());
    return builder;
  }

  /** Value of {@code LD_LIBRARY_PATH} for what is unpacked and not installed. */
  String libraries() {
    return tools.resolve("usr/lib/x86_64-linux-gnu") + ":" + plugins();
  }

  private void daemon(String name, String... command) throws IOException {
    command[0] = tools.resolve(command[0]).toString();
    daemons.add(
        with(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve(name + ".out").toFile())
            .start());
  }

  /** A shell script that Slurm, or somebody at a terminal, calls; it says what it prints there. */
  Path script(String name, String text) throws IOException {
    Path file = directory.resolve(name);
    Files.writeString(
        file,
        "#!/bin/sh\nexec >>%s/%s.said 2>&1\nexport SLURM_CONF=%s\n%s\n"
            .formatted(directory, name, configuration(), text));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    return file;
  }

  /** A program such as {@code scontrol} that finds its libraries by itself. */
  Path wrapped(String name) throws IOException {
    Path file = directory.resolve(name);
    Files.writeString(
        file,
        "#!/bin/sh\nLD_LIBRARY_PATH=%s exec %s \"$@\"\n"
            .formatted(libraries(), tools.resolve("usr/bin/" + name)));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    return file;
  }

  /** What a program of Slurm prints that ends well. */
  String run(String name, String... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(tools.resolve("usr/bin/" + name).toString()));
    command.addAll(List.of(words));
    Process process = with(command.toArray(String[]::new)).redirectErrorStream(true).start();
    String printed =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue())
        .as("%s %s: %s", name, String.join(" ", words), printed)
        .isZero();
    return printed;
  }

  /** A batch job of this shell script; its number. */
  String submit(String text) throws IOException, InterruptedException {
    return run(
        "sbatch", "--parsable", "--output=/dev/null", "--chdir=" + directory, "--wrap", text);
  }

  /** {@code scontrol show node}. */
  String state() throws IOException, InterruptedException {
    return run("scontrol", "show", "node", NODE);
  }

  /** All that daemons and scripts said, for a failure's message. */
  String said() {
    StringBuilder all = new StringBuilder();
    try (var files = Files.list(directory)) {
      for (Path file :
          files.filter(f -> f.toString().matches(".*\\.(out|log|said)")).sorted().toList()) {
        List<String> lines = Files.readAllLines(file);
        all.append("== ").append(file.getFileName()).append('\n');
        lines
            .subList(Math.max(0, lines.size() - 15), lines.size())
            .forEach(line -> all.append(line).append('\n'));
      }
    } catch (IOException e) {
      all.append(e);
    }
    return all.toString();
  }

  @Override
  public void close() {
    for (Process daemon : daemons.reversed()) {
      daemon.descendants().forEach(ProcessHandle::destroyForcibly);
      daemon.destroyForcibly();
    }
    daemons.forEach(daemon -> daemon.onExit().join());
  }
}
