package io.millwright.agent.launcher.root;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millwright.agent.launcher.ContainerHost;
import io.millwright.agent.launcher.DeviceClass;
import io.millwright.agent.launcher.Execution;
import io.millwright.agent.launcher.Layout;
import io.millwright.agent.launcher.NeuronHost;
import io.millwright.agent.launcher.Policy;
import io.millwright.agent.launcher.PolicyFile;
import io.millwright.agent.launcher.UnixUser;
import io.millwright.agent.systemd.Property;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.ImexChannel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Who gets the node of a channel. The driver is a table of the test; nodes are made by mknod where
 * the test is root, and no driver is behind them.
 */
class ImexNodesTest {
  private static final int MAJOR = 235;
  private static final ImexChannel CHANNEL = new ImexChannel(17);
  private static final Set<DeviceClass> BOTH = Set.of(DeviceClass.NVIDIA, DeviceClass.IMEX);
  private static final Assignment WANTED = Assignments.channelled("job", 17);
  private static final long NOBODY = 65_534;

  @TempDir Path directory;
  private final List<String> made = new ArrayList<>();

  @BeforeEach
  void driver() throws IOException {
    table("195 nvidia\n235 nvidia-caps-imex-channels\n");
  }

  private void table(String characters) throws IOException {
    Files.writeString(
        directory.resolve("devices"),
        "Character devices:\n" + characters + "\nBlock devices:\n9 nvidia-caps-imex-channels\n");
  }

  private void parameters(String text) throws IOException {
    Files.writeString(directory.resolve("params"), text);
  }

  private Layout.HostFiles host() {
    return new Layout.HostFiles(
        directory.resolve("devices"),
        directory,
        directory.resolve("gpus"),
        NeuronHost.under(directory),
        directory,
        directory.resolve("sys"),
        ContainerHost.under(directory));
  }

  private Optional<String> refusal(Assignment assignment, Set<DeviceClass> allowed) {
    return ImexNodes.refusal(host(), assignment, allowed);
  }

  /** As the unit of systemd does it. */
  private void make(Path node, long major, int minor) throws IOException {
    made.add(major + ":" + minor);
    Process mknod =
        new ProcessBuilder(
                "mknod", "-m", "600", node.toString(), "c", Long.toString(major), "" + minor)
            .redirectErrorStream(true)
            .start();
    String said = new String(mknod.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (mknod.waitFor() != 0) {
        throw new IOException(said);
      }
    } catch (InterruptedException stop) {
      throw new IOException(stop);
    }
  }

  @Test
  void whoAsksForNoneIsNotRefused() {
    Assignment plain = Assignments.of("job", Optional.empty(), List.of("GPU-a"), "/bin/true");
    assertThat(refusal(plain, Set.of())).isEmpty();
  }

  @Test
  void policyDriverAndCollectorHaveToGiveIt() throws IOException {
    assertThat(refusal(WANTED, BOTH)).isEmpty();
    assertThat(refusal(WANTED, Set.of(DeviceClass.NVIDIA)))
        .hasValue(
            "devices.imex: refused by this node's policy; allowed are device_classes [nvidia]");
    assertThat(refusal(Assignments.channelled("job", Optional.empty()), BOTH))
        .hasValueSatisfying(why -> assertThat(why).contains("the collector chose no channel"));
    parameters("ResmanDebugLevel: 4294967295\nImexChannelCount: 2048\n");
    assertThat(refusal(WANTED, BOTH)).isEmpty();
    parameters("ImexChannelCount: 16\n");
    assertThat(refusal(WANTED, BOTH))
        .hasValue(
            "devices.imex: NVIDIA's driver on this node has 16 IMEX channels, needed are 2048: leave its parameter NVreg_ImexChannelCount out");
    parameters("ImexChannelCount: many\n");
    assertThat(refusal(WANTED, BOTH))
        .hasValueSatisfying(why -> assertThat(why).contains("cannot be read"));
    table("195 nvidia\n");
    assertThat(refusal(WANTED, BOTH))
        .as("a block device of that name is none")
        .hasValueSatisfying(
            why -> assertThat(why).contains("does not name nvidia-caps-imex-channels"));
  }

  @Test
  void aNodeIsMadeForTheRunsUserInADirectoryOfRootsAlone() throws Exception {
    ImexNodes nodes = new ImexNodes(host(), this::make);
    Path node = directory.resolve("millwright-imex/channel17");
    assumeTrue(root(), "only root may make nodes");
    nodes.prepare(CHANNEL, NOBODY);
    assertThat(facts(node)).isEqualTo("235:17 65534 rw-------");
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(directory.resolve("millwright-imex"))))
        .isEqualTo("rwx------");
    Files.setPosixFilePermissions(node, PosixFilePermissions.fromString("rw-rw-rw-"));
    nodes.prepare(CHANNEL, 1001);
    assertThat(facts(node)).as("the next run is another user's").isEqualTo("235:17 1001 rw-------");
    assertThat(made).containsExactly("235:17");
  }

  /** After a boot there is no directory yet. No node is made here, which is refused later. */
  @Test
  void theDirectoryIsMadeOnceWhereTwoRunsStartAtATime() throws Exception {
    ImexNodes nodes = new ImexNodes(host(), (node, major, minor) -> {});
    try (ExecutorService starts = Executors.newFixedThreadPool(2)) {
      for (int i = 0; i < 300; i++) {
        CyclicBarrier both = new CyclicBarrier(2);
        List<Future<String>> refusals = new ArrayList<>();
        for (int run = 0; run < 2; run++) {
          ImexChannel channel = new ImexChannel(17 + run);
          refusals.add(
              starts.submit(() -> {
                both.await(30, TimeUnit.SECONDS);
                return refusal(nodes, channel);
              }));
        }
        for (Future<String> refusal : refusals) {
          assertThat(refusal.get(30, TimeUnit.SECONDS))
              .contains("NoSuchFileException")
              .doesNotContain("FileAlreadyExistsException");
        }
        Files.delete(directory.resolve("millwright-imex"));
      }
    }
  }

  private static String refusal(ImexNodes nodes, ImexChannel channel) {
    try {
      nodes.prepare(channel, NOBODY);
      return "none";
    } catch (Refusal refused) {
      return String.valueOf(refused.getMessage());
    }
  }

  /** The kernel chose another number when the driver was loaded again. */
  @Test
  void aNodeOfAnEarlierDriverIsMadeAnew() throws Exception {
    assumeTrue(root(), "only root may make nodes");
    ImexNodes nodes = new ImexNodes(host(), this::make);
    nodes.prepare(CHANNEL, NOBODY);
    table("195 nvidia\n236 nvidia-caps-imex-channels\n");
    nodes.prepare(CHANNEL, NOBODY);
    assertThat(facts(directory.resolve("millwright-imex/channel17")))
        .isEqualTo("236:17 65534 rw-------");
    Files.delete(directory.resolve("millwright-imex/channel17"));
    Files.createFile(directory.resolve("millwright-imex/channel17"));
    nodes.prepare(CHANNEL, NOBODY);
    assertThat(facts(directory.resolve("millwright-imex/channel17")))
        .as("a plain file is none")
        .isEqualTo("236:17 65534 rw-------");
    assertThat(made).containsExactly("235:17", "236:17", "236:17");
  }

  @Test
  void whatIsNotThatNumberIsGivenToNobody() throws Exception {
    assumeTrue(root(), "only root may make nodes");
    ImexNodes another = new ImexNodes(host(), (node, major, minor) -> make(node, major, 5));
    assertThatThrownBy(() -> another.prepare(CHANNEL, NOBODY))
        .hasMessageContaining("it is not number 17 of nvidia-caps-imex-channels");
    ImexNodes none =
        new ImexNodes(
            host(),
            (node, major, minor) -> {
              throw new IOException("mw-imex-18.service ended as 'failed'");
            });
    assertThatThrownBy(() -> none.prepare(new ImexChannel(18), NOBODY))
        .hasMessageContaining("the node of channel 18 could not be made")
        .hasMessageContaining("ended as 'failed'");
  }

  @Test
  void aLinkInThePlaceOfTheDirectoryIsNotFollowed() throws Exception {
    Files.createSymbolicLink(
        directory.resolve("millwright-imex"), Files.createDirectory(directory.resolve("open")));
    ImexNodes nodes = new ImexNodes(host(), this::make);
    assertThatThrownBy(() -> nodes.prepare(CHANNEL, NOBODY))
        .hasMessageContaining("millwright-imex' is no directory");
    assertThat(made).isEmpty();
  }

  /** It sees its own and no other, at the place where programs look. */
  @Test
  void theUnitOfARunHasItsOwnChannelAlone() throws IOException {
    List<String> with = names(job(WANTED));
    assertThat(with).contains("BindPaths", "TemporaryFileSystem", "DeviceAllow");
    List<String> without =
        names(job(Assignments.of("job", Optional.empty(), List.of("GPU-a"), "/bin/true")));
    assertThat(without).contains("TemporaryFileSystem").doesNotContain("BindPaths");
    assertThat(ImexNodes.node(host(), CHANNEL))
        .isEqualTo(directory.resolve("millwright-imex/channel17"));
    assertThat(ImexNodes.seen(CHANNEL))
        .isEqualTo(Path.of("/dev/nvidia-caps-imex-channels/channel17"));
    assertThat(names(NodeUnit.properties(Path.of("/dev/millwright-imex/channel17"), MAJOR, 17)))
        .doesNotHaveDuplicates();
  }

  private static List<String> names(List<Property> properties) {
    return properties.stream().map(Property::name).toList();
  }

  private List<Property> job(Assignment assignment) throws IOException {
    Layout layout = Layouts.in(directory);
    Files.writeString(layout.policy(), "users: [anna]\nargv_roots: [/usr]\n");
    Files.setPosixFilePermissions(layout.policy(), PosixFilePermissions.fromString("rw-r--r--"));
    return switch (PolicyFile.read(layout.policy())) {
      case Execution.On(Policy policy) ->
          new JobProperties(
                  assignment,
                  new UnixUser("anna", 1001, 1001, "/home/anna"),
                  policy,
                  Path.of("/bin/true"),
                  Path.of("/tmp"),
                  List.of(),
                  List.of(),
                  Optional.empty(),
                  Near.UNKNOWN,
                  Optional.empty(),
                  layout)
              .job();
      case Execution.Off(String why) -> throw new AssertionError(why);
    };
  }

  private static boolean root() {
    return System.getProperty("user.name", "").equals("root");
  }

  private static String facts(Path node) throws IOException {
    long number =
        ((Number) Files.getAttribute(node, "unix:rdev", LinkOption.NOFOLLOW_LINKS)).longValue();
    return "%d:%d %s %s"
        .formatted(
            DeviceNodes.major(number),
            DeviceNodes.minor(number),
            Files.getAttribute(node, "unix:uid", LinkOption.NOFOLLOW_LINKS),
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(node, LinkOption.NOFOLLOW_LINKS)));
  }
}
