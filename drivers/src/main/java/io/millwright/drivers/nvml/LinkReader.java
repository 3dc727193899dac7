package io.millwright.drivers.nvml;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_LINKS_EXPECTED;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_LINKS_UP;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_LINK_UP;

import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;

/** The links of one type: how many are up, what they carry and lose, and each by itself. */
final class LinkReader implements Reader {
  private static final int INACTIVE = 0;
  private static final int ACTIVE = 1;
  private static final int SLEEP = 2;
  private static final int NOT_WANTED = -1;

  private final SlowFields slow;
  private final LinkPlan plan;
  private final int first;
  private final int up;
  private final int expected;
  private final int expectation;
  private final int[] linkUp;
  private final List<LinkColumn> columns;
  private final int[] sums;

  /** Of the link that was read last. */
  private int state;

  /**
   * The links of one type, before they have places in table and batch.
   *
   * @param peers what is at the other end of each link
   * @param expectation links that the product has wired
   */
  record Place(LinkPlan plan, List<String> peers, OptionalInt expectation) {
    Place {
      peers = List.copyOf(peers);
    }
  }

  /** The types that the device has or should have. */
  static List<Place> places(Links links, boolean nvlink5, String model, Metric.Tier tier) {
    List<Place> places = new ArrayList<>();
    OptionalInt expectation = LinkProfile.nvlinks(model);
    if (links.nvlinks() > 0 || expectation.isPresent()) {
      LinkPlan plan =
          nvlink5
              ? LinkPlan.nvlink5(links.nvlinks(), tier)
              : LinkPlan.nvlink4(links.nvlinks(), tier);
      places.add(new Place(plan, links.peers(), expectation));
    }
    if (links.c2c() > 0) {
      List<String> processors = Collections.nCopies(links.c2c(), "cpu");
      places.add(new Place(LinkPlan.c2c(links.c2c(), tier), processors, OptionalInt.empty()));
    }
    return places;
  }

  /**
   * @param first where this plan begins in the batch
   */
  LinkReader(
      SlowFields slow, Place place, int first, SeriesTable.Builder table, Accelerator accelerator) {
    this.slow = slow;
    this.plan = place.plan();
    this.first = first;
    this.expectation = place.expectation().orElse(0);
    up = add(table, accelerator, plan.type());
    expected =
        place.expectation().isPresent()
            ? table.add(
                Cadence.SLOW, Series.of(ACCELERATOR_LINKS_EXPECTED, accelerator, plan.type()))
            : NOT_WANTED;
    linkUp = linkUp(plan, place.peers(), table, accelerator);
    columns =
        plan.quantities().stream()
            .map(quantity -> new LinkColumn(quantity, plan, table, accelerator))
            .toList();
    sums =
        plan.sums().stream()
            .mapToInt(
                sum -> table.add(Cadence.SLOW, Series.of(sum.device(), accelerator, plan.type())))
            .toArray();
  }

  private static int add(SeriesTable.Builder table, Accelerator accelerator, String type) {
    return table.add(Cadence.SLOW, Series.of(ACCELERATOR_LINKS_UP, accelerator, type));
  }

  private static int[] linkUp(
      LinkPlan plan, List<String> peers, SeriesTable.Builder table, Accelerator accelerator) {
    if (!table.wants(ACCELERATOR_LINK_UP)) {
      return new int[0];
    }
    int[] slots = new int[plan.links()];
    for (int link = 0; link < slots.length; link++) {
      slots[link] =
          table.add(
              Cadence.SLOW,
              Series.of(
                  ACCELERATOR_LINK_UP,
                  accelerator,
                  Integer.toString(link),
                  plan.type(),
                  peers.get(link)));
    }
    return slots;
  }

  @Override
  public void read(Cadence cadence, DeviceCalls calls) {
    if (cadence != Cadence.SLOW) {
      return;
    }
    readStates(calls);
    for (int i = 0; i < columns.size(); i++) {
      columns.get(i).read(calls, slow.batch(), first + 1 + i, plan.stride());
    }
    for (int i = 0; i < sums.length; i++) {
      readSum(calls, i);
    }
    if (expected != NOT_WANTED) {
      calls.settle(expected, NvmlCode.SUCCESS, expectation);
    }
  }

  private void readSum(DeviceCalls calls, int sum) {
    FieldBatch batch = slow.batch();
    int entry = first + plan.links() * plan.stride() + sum;
    int code = batch.code(calls, entry);
    boolean read = calls.succeeded(code);
    calls.settle(
        sums[sum],
        code,
        read ? plan.sums().get(sum).unit().applyAsDouble(batch.value(calls, entry)) : 0);
  }

  /**
   * A link whose state is not told counts as none that is up; where none is told nothing is known.
   */
  private void readStates(DeviceCalls calls) {
    int active = 0;
    boolean told = false;
    int refusal = NvmlCode.NOT_SUPPORTED;
    for (int link = 0; link < plan.links(); link++) {
      int code = readState(calls, link);
      if (code == NvmlCode.SUCCESS) {
        told = true;
        active += isUp(state) ? 1 : 0;
      } else if (!NvmlCode.absent(code)) {
        refusal = code;
      }
      settleLink(calls, link, code);
    }
    calls.settle(up, told ? NvmlCode.SUCCESS : refusal, active);
  }

  private static boolean isUp(int state) {
    return state == ACTIVE || state == SLEEP;
  }

  private int readState(DeviceCalls calls, int link) {
    FieldBatch batch = slow.batch();
    int entry = first + link * plan.stride();
    int code = batch.code(calls, entry);
    if (calls.succeeded(code)) {
      state = (int) batch.value(calls, entry);
      return code;
    }
    return NvmlCode.absent(code) && plan.state() == FieldIds.NVLINK_STATE
        ? readStateByFunction(calls, link)
        : code;
  }

  /** Drivers before 535 have no such field, and know no sleep. */
  private int readStateByFunction(DeviceCalls calls, int link) {
    int code = calls.nvml().nvlinkState(calls.device(), link, calls.out(0));
    if (calls.succeeded(code)) {
      state = calls.block().getInt(DeviceCalls.OUT) == 0 ? INACTIVE : ACTIVE;
    }
    return code;
  }

  /** A state that nobody knows yet is neither up nor down. */
  private void settleLink(DeviceCalls calls, int link, int code) {
    if (linkUp.length == 0) {
      return;
    }
    if (code == NvmlCode.SUCCESS && !isUp(state) && state != INACTIVE) {
      calls.unavailable(linkUp[link], Fault.OTHER);
      return;
    }
    calls.settle(linkUp[link], code, isUp(state) ? 1 : 0);
  }
}
