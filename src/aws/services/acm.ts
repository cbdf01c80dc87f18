/** Certificate Manager, as far as facts need it. */
import { ACMClient, DescribeCertificateCommand, type DescribeCertificateCommandInput } from '@aws-sdk/client-acm';
import type { ClientSettings } from '../settings.ts';
import type { Wiring } from '../wiring.ts';

export function connectAcm(wiring: Wiring, settings: ClientSettings) {
  const { send } = wiring.connect('acm', settings.region, new ACMClient(settings));
  return {
    describeCertificate: (input: DescribeCertificateCommandInput) =>
      send(new DescribeCertificateCommand(input), { members: ['Certificate'] }),
  };
}
