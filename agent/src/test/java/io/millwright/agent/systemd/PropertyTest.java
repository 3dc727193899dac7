package io.millwright.agent.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.messages.MessageFactory;
import org.freedesktop.dbus.messages.MethodCall;
import org.freedesktop.dbus.types.Variant;
import org.junit.jupiter.api.Test;

/** What may become a property of a unit. */
class PropertyTest {

  @Test
  void refusesNamesThatDoNotOutliveAReload() {
    assertThatThrownBy(() -> Property.text("ExecStartPreEx", "x"))
        .hasMessageContaining("daemon-reload");
  }

  /** Each of these would be a line, a specifier or a continuation in the unit's file. */
  @Test
  void refusesTextsThatMeanSomethingInAUnitsFile() {
    for (String bad : List.of("x\n[Service]", "x\\", "%h", "a\"b", "a\tb", "é", "a;b", "a'b")) {
      refused(() -> Property.text("Description", bad), bad);
      refused(() -> Property.texts("ReadWritePaths", List.of("/a", bad)), bad);
      refused(() -> Property.environmentFile(bad), bad);
    }
  }

  private static void refused(ThrowingCallable making, String bad) {
    assertThatThrownBy(making).as(bad).hasMessageContaining(bad);
  }

  @Test
  void leavesNoDollarForSystemdToReplace() {
    assertThat(words(Property.command("/bin/sh", List.of("sh", "$HOME ${x} $$"))))
        .isEqualTo(List.of("sh", "$$HOME $${x} $$$$"));
  }

  /** As systemd's own clients send a mask: processor 9 is the second bit of the second byte. */
  @Test
  void aMaskHasEightNumbersToAByte() {
    Variant<?> mask = (Variant<?>) Property.mask("AllowedCPUs", List.of(0, 3, 9)).onTheBus()[1];
    assertThat(mask.getSig()).isEqualTo("ay");
    assertThat((byte[]) mask.getValue()).containsExactly(0b1001, 0b10);
  }

  @Test
  void fieldsOfTheJournalAreLetterChecked() {
    refused(() -> Property.journalFields(Map.of("MW_JOB", "a\nb")), "a\nb");
    refused(() -> Property.only("RestrictAddressFamilies", List.of("AF_UNIX", "%h")), "%h");
  }

  /** Source, place, whether an absent source is no matter, flags of the mount. */
  @Test
  void aBoundFileCanBeWrittenOntoTheBus() throws DBusException {
    Object[] bound = Property.bound("/dev/a/channel17", "/dev/b/channel17").onTheBus();
    assertThat(((Variant<?>) bound[1]).getSig()).isEqualTo("a(ssbt)");
    MethodCall call =
        new MessageFactory((byte) 'l')
            .createMethodCall("org.a", "/a", "org.a", "A", (byte) 0, "(sv)", (Object) bound);
    StringBuilder sent = new StringBuilder();
    for (byte[] part : call.getWireData()) {
      sent.append(part == null ? "" : new String(part, StandardCharsets.ISO_8859_1));
    }
    assertThat(sent).contains("/dev/a/channel17", "/dev/b/channel17");
    refused(() -> Property.bound("/dev/a:b", "/dev/%h"), "/dev/%h");
  }

  private static List<?> words(Property command) {
    Variant<?> value = (Variant<?>) command.onTheBus()[1];
    Object[] first = (Object[]) ((List<?>) value.getValue()).getFirst();
    return (List<?>) first[1];
  }
}
