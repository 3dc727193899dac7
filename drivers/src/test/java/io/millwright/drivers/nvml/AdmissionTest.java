package io.millwright.drivers.nvml;

import static io.millwright.protocol.vocabulary.Cadence.FAST;
import static io.millwright.protocol.vocabulary.Cadence.MEDIUM;
import static io.millwright.protocol.vocabulary.Cadence.SLOW;
import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Periods;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which calls are made, over simulated seconds: one, five and thirty are the periods. */
class AdmissionTest {
  private static final long SECOND = 1_000_000_000;
  private static final long MICROSECOND = 1_000;

  private final Admission admission = new Admission(Periods.STANDARD);
  private final Map<String, Integer> codes = new TreeMap<>();
  private final Map<String, Long> tookNanos = new TreeMap<>();
  private final Map<String, Integer> made = new TreeMap<>();
  private long now = SECOND;

  @ParameterizedTest
  @ValueSource(ints = {3, 13, 25, 26})
  void whatTheDeviceDoesNotHaveIsAskedForOnce(int code) {
    codes.put("b", code);
    seconds(100, "a", "b");
    assertThat(made).containsEntry("a", 100).containsEntry("b", 1);
    admission.begin(FAST, now);
    assertThat(admission.admit("b", 0)).isEqualTo(code);
    admission.end();
    admission.forgetRefusals();
    codes.put("b", 0);
    seconds(10, "a", "b");
    assertThat(made).containsEntry("b", 11);
  }

  @Test
  void aRefusalOfOneUseSaysNothingOfAnother() {
    admission.begin(FAST, now);
    assertThat(admission.admit("clock", 3)).isZero();
    admission.returned(NvmlCode.NOT_SUPPORTED, 0);
    assertThat(admission.admit("clock", 0)).isZero();
    admission.returned(0, 0);
    assertThat(admission.admit("clock", 3)).isEqualTo(NvmlCode.NOT_SUPPORTED);
    assertThat(admission.admit("clock", 0)).isZero();
  }

  /** As a device divided into instances does for a while: it is asked on. */
  @Test
  void whatAnsweredOnceIsNotTakenAsRefused() {
    seconds(1, "a");
    codes.put("a", NvmlCode.NOT_SUPPORTED);
    seconds(10, "a");
    assertThat(made).containsEntry("a", 11);
    assertThat(admission.demotions()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 10, 19, 20, 21, 23, 27, 999, 31})
  void aFailingCallIsMadeLessOftenAndComesBackWhenItAnswers(int code) {
    seconds(1, "a", "b");
    codes.put("b", code);
    seconds(3, "a", "b");
    assertThat(admission.demotions()).containsExactly(new Demotion("b", MEDIUM, true));
    seconds(15, "a", "b");
    assertThat(admission.demotions()).containsExactly(new Demotion("b", SLOW, true));
    made.clear();
    seconds(60, "a", "b");
    assertThat(made).containsEntry("a", 60).containsEntry("b", 2);
    codes.put("b", 0);
    seconds(90 + 15 + 30, "a", "b");
    assertThat(admission.demotions()).isEmpty();
    made.clear();
    seconds(10, "a", "b");
    assertThat(made).containsEntry("b", 10);
  }

  @Test
  void theCostliestCallOfRoundsThatTakeTooLongGivesWayToTheRest() {
    tookNanos.put("a", 20 * MICROSECOND);
    tookNanos.put("b", 900 * MICROSECOND);
    tookNanos.put("c", 4_500 * MICROSECOND);
    seconds(2, "a", "b", "c");
    assertThat(admission.demotions()).as("two rounds are no habit").isEmpty();
    seconds(1, "a", "b", "c");
    assertThat(admission.demotions()).containsExactly(new Demotion("c", MEDIUM, false));
    made.clear();
    seconds(50, "a", "b", "c");
    assertThat(made).containsEntry("a", 50).containsEntry("b", 50).containsEntry("c", 10);
    assertThat(admission.demotions()).hasSize(1);
  }

  @Test
  void aCallThatBecameCheapComesBackOnceThereIsRoom() {
    tookNanos.put("c", 4_500 * MICROSECOND);
    seconds(3, "a", "c");
    tookNanos.put("c", 2_000 * MICROSECOND); // within the share of a round, and not within its half
    seconds(60, "a", "c");
    assertThat(admission.demotions()).hasSize(1);
    tookNanos.put("c", 200 * MICROSECOND);
    seconds(16, "a", "c");
    assertThat(admission.demotions()).isEmpty();
  }

  @Test
  void theCallThatTellsWhetherADeviceAnswersIsNeverDemoted() {
    for (int i = 0; i < 50; i++) {
      admission.begin(FAST, now);
      assertThat(admission.admitVital("temperature")).isZero();
      admission.returned(999, 50_000 * MICROSECOND);
      admission.end();
      now += SECOND;
    }
    assertThat(admission.demotions()).isEmpty();
  }

  /** However many functions there are and however slow each, what is left fits into the share. */
  @Test
  void whatIsLeftFitsIntoTheShare() {
    String[] calls = new String[20];
    for (int i = 0; i < calls.length; i++) {
      calls[i] = "call" + i;
      tookNanos.put(calls[i], 300 * MICROSECOND * (i + 1));
    }
    seconds(200, calls);
    made.clear();
    seconds(100, calls);
    long nanos =
        made.entrySet().stream()
            .filter(entry -> entry.getValue() == 100)
            .mapToLong(entry -> tookNanos.getOrDefault(entry.getKey(), 0L))
            .sum();
    assertThat(nanos).isLessThanOrEqualTo(2_500 * MICROSECOND);
    assertThat(made.values()).allMatch(count -> count > 0);
  }

  @Test
  void aCallOutsideOfARoundIsMadeAlways() {
    for (int i = 0; i < 10; i++) {
      assertThat(admission.admit("register", 0)).isZero();
      admission.returned(NvmlCode.NOT_SUPPORTED, 0);
    }
  }

  @Test
  void knowsMoreCallsThanItHadRoomForAtFirst() {
    admission.begin(SLOW, now);
    for (int i = 0; i < 1000; i++) {
      assertThat(admission.admit("link", i)).isZero();
      admission.returned(i % 2 == 0 ? NvmlCode.NOT_SUPPORTED : 0, 0);
    }
    for (int i = 0; i < 1000; i++) {
      assertThat(admission.admit("link", i)).isEqualTo(i % 2 == 0 ? NvmlCode.NOT_SUPPORTED : 0);
    }
  }

  private void seconds(int count, String... calls) {
    for (int second = 0; second < count; second++) {
      round(FAST, calls);
      now += SECOND;
    }
  }

  private void round(Cadence cadence, String... calls) {
    admission.begin(cadence, now);
    for (String call : calls) {
      int admitted = admission.admit(call, 0);
      if (admitted == NvmlCode.SUCCESS) {
        made.merge(call, 1, Integer::sum);
        admission.returned(codes.getOrDefault(call, 0), tookNanos.getOrDefault(call, 0L));
      }
    }
    admission.end();
  }
}
