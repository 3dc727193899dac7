package io.millwright.agent.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which services and modules a node needs, by SKU, driver and scheduler; on invented trees. */
class RequirementsTest {
  private static final String B200 = "0x2901";
  private static final String GB300 = "0x31c2";

  private final Requirements table = Requirements.packaged(List.of(), List.of());
  private SyntheticRoot node = new SyntheticRoot(Path.of("/nonexistent"));

  @BeforeEach
  void empty(@TempDir Path root) {
    node = new SyntheticRoot(root);
  }

  private List<String> services() {
    return table.services(Machine.seen(node.root()));
  }

  private List<String> modules() {
    return table.modules(Machine.seen(node.root()));
  }

  @Test
  void aMachineWithoutAcceleratorsNeedsNothing() {
    assertThat(services()).isEmpty();
    assertThat(modules()).isEmpty();
  }

  @Test
  void anHgxB200NeedsItsFabricManagerAndIbUmad() {
    node.gpu(B200).driver("nvidia").pci("0000:18:00.0", "0x020700", "0x15b3", "0x1021");
    assertThat(services()).containsExactly("nvidia-fabricmanager.service");
    assertThat(modules()).containsExactly("nvidia", "ib_umad", "mlx5_core");
    node.installed("nvlsm.service");
    assertThat(services()).containsExactly("nvidia-fabricmanager.service", "nvlsm.service");
  }

  @Test
  void aGuestWithB200NeedsAFabricManagerOnlyWhereSomebodyAskedForIt() {
    node.gpu(B200).driver("nvidia").file("proc/cpuinfo", "flags\t\t: fpu hypervisor avx\n");
    assertThat(services()).isEmpty();
    assertThat(modules()).containsExactly("nvidia");
    node.enabled("nvidia-fabricmanager.service");
    assertThat(services()).containsExactly("nvidia-fabricmanager.service");
  }

  @Test
  void anHgxH100NeedsItsFabricManagerForTheSwitchesOnItsBus() {
    node.gpu("0x2330").driver("nvidia").pci("0000:07:00.0", "0x068000", "0x10de", "0x22a3");
    assertThat(services()).containsExactly("nvidia-fabricmanager.service");
  }

  @Test
  void aGb300TrayUnderSlurmNeedsWhatIsEnabledAndNoFabricManager() {
    node.gpu(GB300)
        .driver("nvidia")
        .enabled("slurmd.service")
        .enabled("nvidia-imex.service")
        .enabled("munge.service");
    assertThat(services())
        .containsExactly("nvidia-imex.service", "slurmd.service", "munge.service");
    assertThat(modules()).containsExactly("nvidia");
  }

  @Test
  void anIdleGb300UnderKubernetesNeedsNoImex() {
    node.gpu(GB300)
        .driver("nvidia")
        .enabled("kubelet.service")
        .installed("containerd.service")
        .installed("nvidia-imex.service");
    assertThat(services()).containsExactly("kubelet.service"); // CRI-O may serve it
    node.enabled("containerd.service");
    assertThat(services()).containsExactly("kubelet.service", "containerd.service");
  }

  @Test
  void whatIsMaskedIsNotNeeded() {
    node.enabled("slurmd.service").enabled("munge.service").enabled("nvidia-imex.service");
    node.link("etc/systemd/system/munge.service", "/dev/null")
        .link("run/systemd/system/nvidia-imex.service", "/dev/null")
        .link("etc/systemd/system/slurmd.service", "/opt/slurm/slurmd.service");
    assertThat(services()).containsExactly("slurmd.service");
    node.gpu(B200).driver("nvidia").installed("nvlsm.service");
    node.link("etc/systemd/system/nvlsm.service", "/dev/null")
        .link("etc/systemd/system/nvidia-fabricmanager.service", "/dev/null");
    assertThat(services()) // the fabric does not come up without it, masked or not
        .containsExactly("nvidia-fabricmanager.service", "slurmd.service");
  }

  @Test
  void whatChangesIsSeenAgainAndTheProcessorsOnce() {
    node.gpu(B200).driver("nvidia");
    Machine first = Machine.seen(node.root());
    node.file("proc/cpuinfo", "flags\t\t: fpu hypervisor avx\n").enabled("slurmd.service");
    assertThat(table.services(first.again()))
        .containsExactly("nvidia-fabricmanager.service", "slurmd.service");
    assertThat(table.services(Machine.seen(node.root()))).containsExactly("slurmd.service");
  }

  @Test
  void aTrn3NeedsNeuronAndEfa() {
    node.pci("0000:a0:00.0", "0x088000", "0x1d0f", "0x7564")
        .pci("0000:a1:00.0", "0x020000", "0x1d0f", "0xefa3");
    assertThat(services()).isEmpty();
    assertThat(modules()).containsExactly("neuron", "efa");
  }

  @Test
  void aGpuThatIsGivenToAGuestNeedsNoDriver() {
    node.gpu(B200).file("sys/bus/pci/drivers/vfio-pci/x", "");
    node.link("sys/bus/pci/devices/0000:1b:00.0/driver", "../../drivers/vfio-pci");
    assertThat(modules()).isEmpty();
  }

  @Test
  void whatIsToBeLoadedAtStartIsNeeded() {
    node.file("etc/modules-load.d/rdma.conf", "# GPUDirect\n\nnvidia-peermem\nib_umad x=1\n")
        .file("etc/modules", "gdrdrv\n");
    assertThat(modules()).containsExactly("nvidia_peermem", "gdrdrv", "ib_umad");
  }

  /** As systemd reads them: a list of the site hides the package's of the same name. */
  @Test
  void onlyListsCountAndTheSitesGoFirst() {
    node.file("usr/lib/modules-load.d/rdma.conf", "nvidia-peermem\n")
        .file("usr/lib/modules-load.d/gdr.conf", "gdrdrv\n")
        .file("usr/lib/modules-load.d/umad.conf", "ib_umad\n")
        .file("etc/modules-load.d/rdma.conf", "# none\n")
        .file("etc/modules-load.d/more.conf.disabled", "nvidia-peermem\n")
        .link("etc/modules-load.d/gdr.conf", "/dev/null");
    assertThat(modules()).containsExactly("ib_umad");
  }

  @Test
  void theSiteAddsItsOwnOnce() {
    Requirements added =
        Requirements.packaged(List.of("slurmd", "data.mount"), List.of("nvidia-peermem", "lustre"));
    node.enabled("slurmd.service");
    Machine machine = Machine.seen(node.root());
    assertThat(added.services(machine)).containsExactly("slurmd.service", "data.mount");
    assertThat(added.modules(machine)).containsExactly("nvidia_peermem", "lustre");
    assertThat(Requirements.label("slurmd.service")).isEqualTo("slurmd");
    assertThat(Requirements.label("data.mount")).isEqualTo("data.mount");
  }

  @Test
  void aBadRowIsRefusedInOneSentence() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> of("service\tx.service\tsunny\twhy"))
        .withMessageContaining("where is 'sunny'; allowed is driver=");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> of("service\tx.service\tpci=10DE:1\twhy"))
        .withMessage("pci is '10DE:1'; allowed is as 10de:2901");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> of("service\tx.service\tgpu"))
        .withMessageContaining("has 3 columns; allowed is 4");
  }

  private static Requirements of(String row) {
    return Requirements.of(List.of("kind\tname\twhere\twhy", row), List.of(), List.of());
  }
}
