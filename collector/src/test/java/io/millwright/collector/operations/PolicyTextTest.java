package io.millwright.collector.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.millwright.protocol.vocabulary.health.Advice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyTextTest {
  private static final List<String> RULES = List.of("xid-reboot", "xid-link", "agent-silent");

  @TempDir private Path directory;

  @Test
  void readsAllOfIt() {
    Policy policy =
        PolicyText.read(
            """
            # what follows from verdicts
            rules:
              xid-reboot: {mode: act, action: drain}
              my-fan: {mode: observe}
            site_rules: [my-fan]
            advice:
              replace: {mode: dry-run, action: replace-request}
            settle: 30s
            clear: 10m
            drain_deadline: 2h
            horizon: 12h
            limits:
              node: {per_hour: 1}
              fleet: {share: 0.05, per_hour: 4}
              domain: {at_once: 2}
              rack: {at_once: 3, per_hour: 6}
              feed: {per_hour: 9}
            acceptance: {mode: dry-run, test: burn-in, begin: true}
            """,
            RULES);
    assertThat(policy.rules())
        .isEqualTo(
            Map.of(
                "xid-reboot",
                new Policy.Rule(Policy.Mode.ACT, Action.DRAIN),
                "my-fan",
                new Policy.Rule(Policy.Mode.OBSERVE, Action.NO_NEW_WORK)));
    assertThat(policy.advice())
        .isEqualTo(
            Map.of(Advice.REPLACE, new Policy.Rule(Policy.Mode.DRY_RUN, Action.REPLACE_REQUEST)));
    assertThat(policy.settleMs()).isEqualTo(30_000);
    assertThat(policy.clearMs()).isEqualTo(600_000);
    assertThat(policy.drainDeadlineMs()).isEqualTo(7_200_000);
    assertThat(policy.horizonMs()).isEqualTo(12 * 3_600_000);
    Policy.Limits limits = policy.limits();
    assertThat(limits.perNodeAnHour()).isEqualTo(1);
    assertThat(limits.fleetAtOnce(100)).isEqualTo(5);
    assertThat(limits.fleetAtOnce(3)).isEqualTo(1); // one at least, or nothing would ever be done
    assertThat(limits.fleetAnHour()).isEqualTo(OptionalInt.of(4));
    assertThat(limits.domain().atOnce()).hasValue(2);
    assertThat(limits.domain().anHour()).isEqualTo(Policy.Limits.DEFAULT.domain().anHour());
    assertThat(limits.rack().anHour()).hasValue(6);
    assertThat(limits.feed().anHour()).hasValue(9);
    assertThat(policy.acceptance())
        .isEqualTo(new Policy.Acceptance(Policy.Mode.DRY_RUN, Optional.of("burn-in"), true));
  }

  @Test
  void anEmptyFileIsAllDryRun() {
    assertThat(PolicyText.read("", RULES)).isEqualTo(Policy.DEFAULT);
    assertThat(PolicyText.read("# nothing\n", RULES)).isEqualTo(Policy.DEFAULT);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "rule: {}                                             | rule: no such field; did you mean 'rules'?",
        "rules: {xid-rebot: {mode: act, action: drain}}       | rules.xid-rebot: no such rule; did you mean 'xid-reboot'?",
        "rules: {xid-reboot: {mode: acts, action: drain}}     | rules.xid-reboot.mode:",
        "rules: {xid-reboot: {mode: act}}                     | rules.xid-reboot.action: missing",
        "rules: {xid-reboot: {mode: act, action: reboot}}     | rules.xid-reboot.action:",
        "rules: {xid-reboot: {mode: act, action: drain, x: 1}} | rules.xid-reboot.x: no such field",
        "rules: [xid-reboot]                                  | rules:",
        "rules: {xid-reboot: drain}                           | rules.xid-reboot:",
        "advice: {explode: {mode: act, action: drain}}        | advice.explode:",
        "settle: 10                                           | settle: '10' is refused; allowed is a whole number with s, m, h or d",
        "settle: -1s                                          | settle: '-1s' is refused",
        "settle: [1s]                                         | settle:",
        "clear: 31d                                           | clear: '31d' is refused",
        "drain_deadline: 1m                                   | drain_deadline: '1m' is refused; allowed is a whole number with s, m, h or d, from 120s",
        "limits: {fleet: {share: 0}}                          | limits.fleet.share: '0' is refused",
        "limits: {fleet: {share: 1.5}}                        | limits.fleet.share: '1.5' is refused",
        "limits: {fleet: {at_once: 3}}                        | limits.fleet.at_once: no such field",
        "limits: {rack: {at_once: 0}}                         | limits.rack.at_once: '0' is refused",
        "limits: {node: {per_hour: many}}                     | limits.node.per_hour: 'many' is refused",
        "limits: {racks: {at_once: 1}}                        | limits.racks: no such field; did you mean 'rack'?",
        "acceptance: {mode: acts}                             | acceptance.mode: 'acts' is refused; allowed is observe, dry-run or act",
        "acceptance: {test: burn-in}                          | acceptance.mode: missing",
        "acceptance: {mode: act, tset: x}                     | acceptance.tset: no such field; did you mean 'test'?",
        "acceptance: {mode: act, test: 'a b'}                 | acceptance.test: 'a b' is refused",
        "acceptance: {mode: act, begin: true}                 | acceptance.begin: 'true' is refused without acceptance.test",
        "acceptance: {mode: act, test: x, begin: yes}         | acceptance.begin: 'yes' is refused; allowed is true or false",
        "site_rules: ['My Rule']                              | site_rules: 'My Rule' is refused",
        "rules: {a: &x {mode: act}}                           | line 1: an anchor or an alias is refused",
        "rules: !!map {}                                      | line 1: a tag",
        "just words                                           | the text:",
        "'rules: {xid-link: {mode: act, action: drain}, xid-link: {mode: act, action: drain}}' | line 1: a key",
      })
  void oneClearSentenceForEachMistake(String text, String sentence) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PolicyText.read(text, RULES))
        .withMessageStartingWith(sentence)
        .satisfies(e -> assertThat(String.valueOf(e.getMessage()).lines().count()).isEqualTo(1));
  }

  /** Any text is a policy or one sentence. */
  @Test
  void rubbishIsAlwaysOneSentence() {
    long seed = 20261122;
    Random random = new Random(seed);
    String alphabet = "rules:advice{}[]&*!|>-?'\"#%@` \n\t0123xidact,\\\u0000\u0085\ud800";
    for (int i = 0; i < 3_000; i++) {
      StringBuilder text = new StringBuilder();
      int length = random.nextInt(60);
      for (int c = 0; c < length; c++) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      try {
        PolicyText.read(text.toString(), RULES);
      } catch (IllegalArgumentException sentence) {
        assertThat(String.valueOf(sentence.getMessage()).lines().count())
            .as("seed %d, text %s", seed, text)
            .isEqualTo(1);
      }
    }
  }

  @Test
  void aFileThatGoesWrongLeavesTheOldPolicyInForce() throws IOException {
    Path file = directory.resolve("policy.yaml");
    Files.writeString(file, "settle: 1s\n");
    PolicyFile policy = PolicyFile.open(file, RULES);
    assertThat(policy.policy().settleMs()).isEqualTo(1_000);
    Files.writeString(file, "settle: one second\n");
    policy.look();
    assertThat(policy.policy().settleMs()).isEqualTo(1_000);
    assertThat(policy.trouble().orElseThrow())
        .startsWith("policy " + file + ": settle: 'one second' is refused");
    Files.delete(file);
    policy.look();
    assertThat(policy.policy().settleMs()).isEqualTo(1_000);
    assertThat(policy.trouble().orElseThrow()).contains("cannot be read");
    Files.writeString(file, "settle: 25s\n");
    policy.look();
    assertThat(policy.policy().settleMs()).isEqualTo(25_000);
    assertThat(policy.trouble()).isEmpty();
    Files.writeString(file, "settle: 1 hour\n");
    assertThatIllegalArgumentException().isThrownBy(() -> PolicyFile.open(file, RULES));
  }
}
