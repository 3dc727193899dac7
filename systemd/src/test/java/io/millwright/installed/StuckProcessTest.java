package io.millwright.installed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * An agent with a thread in uninterruptible sleep, which no signal ends: the simulated driver makes
 * its control socket in a file system that is frozen. What a hung driver does to a node, with the
 * real state D.
 */
class StuckProcessTest {
  private static final String AGENT = "millwright-agent.service";
  private static final String PAGE = "python3 /mnt/share/get.py 9460 /readyz 30";

  @Test
  void anAgentIsStartedBesideOneThatCannotDieAndServes() {
    assumeTrue(
        System.getProperty("long", "no").equals("yes"), "takes half a minute: test --long runs it");
    Path image = Checkout.TARGET.resolve("frozen.img");
    Command.run("sh", "-c", "truncate -s 16M " + image + " && mke2fs -q -F -t ext4 " + image)
        .good();
    Command.Result loop = Command.run("losetup", "-f", "--show", image.toString());
    if (loop.exit() != 0) {
      Missing.because("no loop device here: " + loop.text());
    }
    String device = loop.good();
    try (Testbed testbed = Testbed.boot("stuck", Share.made())) {
      restartBesideAStuckOne(testbed, device);
    } finally {
      Command.run("losetup", "-d", device).good();
    }
  }

  private static void restartBesideAStuckOne(Testbed testbed, String device) {
    testbed.sh("sh /mnt/share/install.sh").good();
    mount(testbed, device);
    testbed.mounts("fsfreeze -f /frozen").good();
    try {
      testbed.sh("systemctl start millwright-agent.socket " + AGENT).good();
      String stuck = testbed.property(AGENT, "MainPID");
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() ->
              testbed
                  .sh("cat /proc/" + stuck + "/task/*/status")
                  .text()
                  .contains("State:\tD (disk sleep)"));
      assertThat(testbed.sh(PAGE).good()).as("with the thread stuck").endsWith("ready");

      String begun = testbed.sh("cut -d' ' -f1 /proc/uptime").good();
      testbed.sh("systemctl restart " + AGENT).good();
      assertThat(testbed.sh(PAGE).good()).endsWith("ready");
      String served = testbed.sh("cut -d' ' -f1 /proc/uptime").good();

      assertThat(testbed.property(AGENT, "MainPID")).isNotEqualTo(stuck);
      assertThat(testbed.sh("cat /proc/" + stuck + "/stat").good()).as("still there").isNotEmpty();
      System.out.printf(
          "restart beside a stuck process to a served page: %.1f s%n",
          Double.parseDouble(served) - Double.parseDouble(begun));
    } finally {
      testbed.mounts("fsfreeze -u /frozen").good();
      testbed.sh("systemctl stop millwright-agent.socket").good();
      testbed.sh("umount -l /frozen").good();
    }
  }

  private static void mount(Testbed testbed, String device) {
    String number = device.replaceAll("[^0-9]", "");
    testbed
        .mounts(
            "sh -c 'mkdir /frozen && mknod %1$s b 7 %2$s && mount -t ext4 %1$s /frozen && cp /mnt/share/libnvidia-ml.so.1 /frozen/ && chown -R --reference=/var/lib/millwright/agent /frozen && sync'"
                .formatted(device, number))
        .good();
    testbed
        .sh(
            "sed -i 's#library:.*#library: /frozen/libnvidia-ml.so.1#' /etc/millwright/agent.yaml && printf '[Service]\\nReadWritePaths=/frozen\\n' >/etc/systemd/system/"
                + AGENT
                + ".d/frozen.conf && systemctl daemon-reload")
        .good();
  }
}
