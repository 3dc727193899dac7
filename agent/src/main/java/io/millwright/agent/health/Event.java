package io.millwright.agent.health;

import io.millwright.protocol.health.ErrorCode;
import io.millwright.protocol.vocabulary.InstanceId;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Something that happened, as one source told it. */
public sealed interface Event {

  /** When, in milliseconds of the wall clock. */
  long atMs();

  /**
   * An error code of a device.
   *
   * @param instance what of the device it is put down to; empty for all of it
   * @param code its vendor's
   * @param gravity as the words of the kernel log say it, where they do
   * @param detail those words; empty where the source has none
   */
  record DeviceError(
      Place place,
      Optional<InstanceId> instance,
      ErrorCode code,
      Origin origin,
      long atMs,
      Gravity gravity,
      String detail)
      implements Event {}

  /**
   * A line of the kernel log about the node itself.
   *
   * @param pattern word of the label {@code pattern}
   */
  record Kernel(String pattern, long atMs, String detail) implements Event {}

  /**
   * The same again and again, faster than each could be looked at by itself.
   *
   * @param last of them
   * @param times how many they are, with the last
   * @param firstMs when the first was
   */
  record Repeated(Event last, long times, long firstMs) implements Event {
    @Override
    public long atMs() {
      return last.atMs();
    }
  }

  /** How grave the source calls an error. */
  enum Gravity {
    UNSAID,
    FATAL,
    NONFATAL
  }

  /** Who told of it; the same error told by several is one. */
  enum Origin {
    DRIVER,
    KERNEL_LOG,
    /** A line about a lost device that bears no number. */
    KERNEL_LOG_WORDS
  }

  /** Which device. */
  sealed interface Place {
    record Uuid(String uuid) implements Place {}

    /**
     * A Neuron device, as its runtime writes of it.
     *
     * @param serial in hex; empty where it is not said
     * @param number of {@code /dev/neuron<number>}; empty where it is not said
     */
    record Neuron(String serial, OptionalInt number) implements Place {}

    /**
     * @param address as in {@code 0000:1a:00}: domain, bus, device in small letters
     */
    record Pci(String address) implements Place {
      private static final Pattern ADDRESS =
          Pattern.compile(
              "(?:[0-9a-f]{4})?([0-9a-f]{4}):([0-9a-f]{2}):([0-9a-f]{2})(?:\\.[0-9a-f])?");

      public Pci {
        Matcher parts = ADDRESS.matcher(address.toLowerCase(Locale.ROOT));
        address =
            parts.matches()
                ? "%s:%s:%s".formatted(parts.group(1), parts.group(2), parts.group(3))
                : address;
      }
    }
  }
}
