package io.millwright.agent.launcher.root;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millwright.agent.launcher.EndRecord;
import io.millwright.agent.launcher.Execution;
import io.millwright.agent.launcher.Facts;
import io.millwright.agent.launcher.Layout;
import io.millwright.agent.launcher.PolicyFile;
import io.millwright.agent.launcher.ProcessTable;
import io.millwright.agent.launcher.verb.Verb;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the launcher writes for the program that ends runs with their leases. */
class LeasesTest {
  private static final RunId RUN = new RunId("train", 1);
  private static final long DAY_MS = 24L * 3600 * 1000;

  @TempDir Path directory;
  private final ProcessTable table = ProcessTable.open();

  private Layout layout() {
    return Layouts.in(directory);
  }

  private Leases leases() {
    return new Leases(layout(), table, Clock.system());
  }

  private Execution policy(String more) throws IOException {
    Path file = directory.toRealPath().resolve("lease-policy.yaml");
    Files.writeString(file, "users: [anna]\nargv_roots: [/usr]\ndemo: true\n" + more);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    Execution execution = PolicyFile.read(file);
    assertThat(execution).isInstanceOf(Execution.On.class);
    return execution;
  }

  private long now() {
    return table.uptime().toMillis();
  }

  private void refused(Verb.Renew wanted, Execution policy, String why) {
    assertThatThrownBy(() -> leases().renew(wanted, policy))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining(why);
  }

  /** Else whoever has the agent ends any run, and no bound of stops counts it. */
  @Test
  void aRunThatDidNotAskForItGetsNoLease() throws Exception {
    Execution policy = policy("leases: [stop]\n");
    Files.createDirectories(layout().directory(RUN));
    Path claimed = layout().directory(RUN).resolve("claimed");
    new Facts(Map.of("lease", "keep")).write(claimed);
    refused(new Verb.Renew(RUN, now() + 2000), policy, "did not ask to be stopped with its lease");
    assertThat(layout().lease(RUN)).doesNotExist();
    new Facts(Map.of("lease", "stop")).write(claimed);
    leases().renew(new Verb.Renew(RUN, now() + 60_000), policy);
    assertThat(layout().lease(RUN)).exists();
  }

  @Test
  void whatIsRenewedSaysUntilWhenByTwoClocks() throws Exception {
    Execution policy = policy("leases: [stop]\n");
    assertThat(leases().refusal(RUN)).hasValueSatisfying(why -> assertThat(why).contains("lease"));
    long until = now() + 60_000;
    leases().renew(new Verb.Renew(RUN, until), policy);
    String[] words = Files.readString(layout().lease(RUN)).strip().split(" ");
    assertThat(words).hasSize(2);
    assertThat(Long.parseLong(words[0])).isEqualTo(until / 1000);
    long ahead = Clock.system().wall().getEpochSecond() - now() / 1000;
    assertThat(Long.parseLong(words[1])).isBetween(ahead - 2, ahead + 2);
    assertThat(leases().refusal(RUN)).isEmpty();
    leases().renew(new Verb.Renew(RUN, until + 5000), policy);
    assertThat(Files.readString(layout().lease(RUN))).startsWith(until / 1000 + 5 + " ");
    try (var files = Files.list(layout().leases())) {
      assertThat(files).as("nothing unfinished lies there").hasSize(1);
    }
    leases().forget(RUN);
    assertThat(layout().lease(RUN)).doesNotExist();
  }

  @Test
  void whatIsOverIsNotRenewed() throws Exception {
    Execution policy = policy("leases: [stop]\n");
    refused(new Verb.Renew(RUN, now() - 1), policy, "the lease of train-r1 was over");
    leases().renew(new Verb.Renew(RUN, now() + 60_000), policy);
    Files.createFile(layout().leaseOver(RUN));
    refused(new Verb.Renew(RUN, now() + 60_000), policy, "the lease of train-r1 was over");
    assertThat(leases().refusal(RUN)).as("nor does it begin").isPresent();
    assertThat(leases().over(RUN)).isTrue();
  }

  @Test
  void thePolicyAndADayBoundIt() throws Exception {
    refused(new Verb.Renew(RUN, now() + 60_000), policy(""), "'leases: [stop]' in policy.yaml");
    Execution small = policy("leases: [stop]\nlimits: {runs: 1}\n");
    refused(new Verb.Renew(RUN, now() + DAY_MS + 60_000), small, "a day from now");
    assertThat(layout().leases()).doesNotExist();
    for (int i = 1; i <= 2; i++) {
      leases().renew(new Verb.Renew(new RunId("a", i), now() + 60_000), small);
    }
    refused(new Verb.Renew(RUN, now() + 60_000), small, "more runs have leases");
    leases().renew(new Verb.Renew(new RunId("a", 2), now() + 70_000), small);
    EndRecord end = new EndRecord("success", "exited", "0", "boot-1", Duration.ofSeconds(9), false);
    Files.createDirectories(layout().ended());
    end.facts(Layout.unit(new RunId("a", 1)), "i")
        .write(layout().ended().resolve(Layout.unit(new RunId("a", 1)) + ".i"));
    leases().renew(new Verb.Renew(RUN, now() + 60_000), small); // what ended has none
  }

  /** Somebody mends the policy while a job runs. */
  @Test
  void whatHasALeaseGoesOnWhateverBecomesOfThePolicy() throws Exception {
    long until = now() + 90_000;
    leases().renew(new Verb.Renew(RUN, now() + 60_000), policy("leases: [stop]\n"));
    leases().renew(new Verb.Renew(RUN, until), policy(""));
    leases().renew(new Verb.Renew(RUN, until + 5000), new Execution.Off("it has a mistake"));
    assertThat(Files.readString(layout().lease(RUN))).startsWith(until / 1000 + 5 + " ");
    refused(
        new Verb.Renew(new RunId("a", 1), until),
        new Execution.Off("it has a mistake"),
        "it has a mistake");
  }
}
