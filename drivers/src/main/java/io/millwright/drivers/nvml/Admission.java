package io.millwright.drivers.nvml;

import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Periods;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which calls are made in a round of one device, so that reading costs its jobs little: {@code
 * docs/nvml-cost.md} has the rules and where they come from.
 *
 * <ul>
 *   <li>What the device or its driver does not have is asked for once.
 *   <li>Three rounds of a cadence in a row that took more than their share of time send the
 *       costliest call of the round to the next slower cadence, and the rest goes on as it was.
 *   <li>Three failures in a row of a call do the same to that call.
 *   <li>Three calls in a row that are well, and would find room, bring it back by one cadence.
 * </ul>
 *
 * <p>A call is a function with what tells its uses apart: the clock domain, the counter, the place
 * of a batch. Calls outside of rounds are made always and leave no trace here.
 *
 * <p><i>Lifecycle:</i> begins anew each time a device is opened. <i>Threading:</i> the device's
 * lane. <i>Garbage:</i> none but at a call's first use and where a call changes its cadence.
 */
final class Admission {
  /** Uses of one number above these bits belong to one instance: {@link Nvml#ofPart}. */
  static final int PART_SHIFT = 24;

  /** The part of wall time that a device's rounds may take together: gates.md. */
  private static final double BUDGET = 0.005;

  /** Below this a round is never too long, however short its period. */
  private static final long LEAST_SHARE_NANOS = 2_500_000;

  private static final int IN_A_ROW = 3;
  private static final List<Cadence> LANES = List.of(Cadence.FAST, Cadence.MEDIUM, Cadence.SLOW);

  private final long[] periodNanos;
  private final long[] shareNanos;
  private final long slackNanos;
  private final int[] longRounds = new int[LANES.size()];
  private final long[] roundNanos = new long[LANES.size()];
  private @Nullable Call[] calls = new Call[128];
  private int known;
  private List<Demotion> demotions = List.of();

  private @Nullable Cadence round;
  private long nowNanos;
  private int made;
  private long spentNanos;
  private @Nullable Call current;
  private @Nullable Call costliest;

  /** Why a call was demoted. */
  enum Reason {
    SLOW,
    FAILING
  }

  /** One call and how it fares. */
  private static final class Call {
    private final String function;
    private final int use;
    private final boolean vital;
    private final int own;
    private int lane;
    private Reason reason = Reason.SLOW;
    private long madeAtNanos;
    private boolean made;
    private boolean answered;
    private int refusal;
    private int failures;
    private int well;
    private long tookNanos;

    Call(String function, int use, boolean vital, int own) {
      this.function = function;
      this.use = use;
      this.vital = vital;
      this.own = own;
      this.lane = own;
    }

    boolean is(String wanted, int wantedUse) {
      return use == wantedUse && function.equals(wanted);
    }
  }

  Admission(Periods periods) {
    periodNanos = LANES.stream().mapToLong(periods::nanos).toArray();
    slackNanos = periods.fast().toNanos() / 2;
    shareNanos = new long[LANES.size()];
    for (int lane = 0; lane < shareNanos.length; lane++) {
      double part = lane == 0 ? 0.5 : 0.25; // the fast rounds may have half of it, the others half
      shareNanos[lane] = Math.max(LEAST_SHARE_NANOS, (long) (periodNanos[lane] * BUDGET * part));
    }
  }

  /** A round of this cadence begins. */
  void begin(Cadence cadence, long atNanos) {
    round = cadence == Cadence.ONCE ? null : cadence;
    nowNanos = atNanos;
    made = 0;
    spentNanos = 0;
    costliest = null;
  }

  /** The round has ended. */
  void end() {
    if (round != null && made > 0) {
      judge(LANES.indexOf(round));
    }
    round = null;
  }

  /** Calls made in this round, or in the last. */
  int made() {
    return made;
  }

  /**
   * Whether a call is to be made now.
   *
   * @param function the C function
   * @param use tells the uses of one function apart
   * @return {@link NvmlCode#SUCCESS}, or the code to go on with instead
   */
  int admit(String function, int use) {
    return admit(function, use, false);
  }

  /** As {@link #admit}, for the call by which a device is known to answer: never demoted. */
  int admitVital(String function) {
    return admit(function, 0, true);
  }

  /** For a call that gives and takes memory of the library: always made, and not judged. */
  int admitAlways() {
    current = null;
    return NvmlCode.SUCCESS;
  }

  private int admit(String function, int use, boolean vital) {
    current = null;
    if (round == null) {
      return NvmlCode.SUCCESS;
    }
    Call call = call(function, use, vital);
    if (call.refusal != NvmlCode.SUCCESS) {
      return call.refusal;
    }
    if (call.lane > call.own && !due(call)) {
      return NvmlCode.resting(LANES.get(call.lane));
    }
    call.made = true;
    call.madeAtNanos = nowNanos;
    current = call;
    made++;
    return NvmlCode.SUCCESS;
  }

  private boolean due(Call call) {
    long since = nowNanos - call.madeAtNanos;
    return !call.made || since == 0 || since >= periodNanos[call.lane] - slackNanos;
  }

  /** The call that was admitted last has returned. */
  void returned(int code, long tookNanos) {
    Call call = current;
    if (call == null) {
      return;
    }
    current = null;
    call.tookNanos = tookNanos;
    if (!call.vital) { // what cannot be made less often pushes no other call out
      spentNanos += tookNanos;
      if (costliest == null || tookNanos > costliest.tookNanos) {
        costliest = call;
      }
    }
    if (!call.vital && !call.answered && NvmlCode.refusal(code)) {
      call.refusal = code;
      return;
    }
    call.answered |= NvmlCode.answers(code);
    if (NvmlCode.failure(code)) {
      failed(call);
    } else {
      fared(call);
    }
  }

  private void failed(Call call) {
    call.well = 0;
    call.failures++;
    if (call.failures >= IN_A_ROW && demote(call, Reason.FAILING)) {
      call.failures = 0;
    }
  }

  /** It answered: back by one cadence once it did so often enough and there is room for it. */
  private void fared(Call call) {
    call.failures = 0;
    if (call.lane == call.own) {
      return;
    }
    int faster = call.lane - 1;
    boolean room = call.tookNanos + roundNanos[faster] < shareNanos[faster] / 5 * 4;
    call.well = call.reason == Reason.FAILING || room ? call.well + 1 : 0;
    if (call.well >= IN_A_ROW) {
      call.well = 0;
      call.lane = faster;
      changed();
    }
  }

  private void judge(int lane) {
    roundNanos[lane] = spentNanos;
    if (spentNanos <= shareNanos[lane]) {
      longRounds[lane] = 0;
      return;
    }
    longRounds[lane]++;
    if (longRounds[lane] >= IN_A_ROW && costliest != null && demote(costliest, Reason.SLOW)) {
      longRounds[lane] = 0;
    }
  }

  private boolean demote(Call call, Reason reason) {
    if (call.vital || call.lane == LANES.size() - 1) {
      return false;
    }
    call.lane++;
    call.reason = reason;
    call.well = 0;
    changed();
    return true;
  }

  /**
   * What was refused may be there now: the device was divided anew, or something happened to it.
   */
  void forgetRefusals() {
    for (Call call : calls) {
      if (call != null) {
        call.refusal = NvmlCode.SUCCESS;
      }
    }
  }

  /** The same for those calls alone that have this number among the uses of their function. */
  void forgetRefusals(int use) {
    for (Call call : calls) {
      if (call != null && call.use == use) {
        call.refusal = NvmlCode.SUCCESS;
      }
    }
  }

  /** An instance is there no more: the next one of its number begins as any other. */
  void forgetPart(int number) {
    for (Call call : calls) {
      if (call != null && call.use >>> PART_SHIFT == number) {
        call.lane = call.own;
        call.refusal = NvmlCode.SUCCESS;
        call.failures = 0;
        call.well = 0;
        call.made = false;
        call.answered = false;
      }
    }
    changed();
  }

  /** A function is shown once, with the slowest cadence that one of its uses has. */
  private void changed() {
    List<Demotion> now = new ArrayList<>();
    for (Call call : calls) {
      if (call != null && call.lane > call.own) {
        now.add(new Demotion(call.function, LANES.get(call.lane), call.reason == Reason.FAILING));
      }
    }
    now.sort(
        Comparator.comparing(Demotion::call)
            .thenComparing(Demotion::cadence, Comparator.reverseOrder()));
    for (int i = now.size() - 1; i > 0; i--) {
      if (now.get(i).call().equals(now.get(i - 1).call())) {
        now.remove(i);
      }
    }
    demotions = List.copyOf(now);
  }

  /**
   * The calls that are made less often than they should be; the same instance until that changes.
   */
  List<Demotion> demotions() {
    return demotions;
  }

  private Call call(String function, int use, boolean vital) {
    int mask = calls.length - 1;
    for (int i = place(function, use); ; i++) {
      Call found = calls[i & mask];
      if (found == null) {
        return opened(function, use, vital);
      }
      if (found.is(function, use)) {
        return found;
      }
    }
  }

  private static int place(String function, int use) {
    int mixed = (function.hashCode() * 31 + use) * 0x9E3779B9;
    return mixed >>> 16;
  }

  private Call opened(String function, int use, boolean vital) {
    if (known * 2 >= calls.length) {
      @Nullable Call[] before = calls;
      calls = new Call[before.length * 2];
      Arrays.stream(before).forEach(this::put);
    }
    Call opened = new Call(function, use, vital, LANES.indexOf(round));
    put(opened);
    known++;
    return opened;
  }

  private void put(@Nullable Call call) {
    if (call == null) {
      return;
    }
    int i = place(call.function, call.use);
    while (calls[i & calls.length - 1] != null) {
      i++;
    }
    calls[i & calls.length - 1] = call;
  }
}
