import { Fn, Validations } from 'aws-cdk-lib';
import { CfnRouteTable, CfnSubnet, CfnSubnetRouteTableAssociation, CfnVPC } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { Config } from '../../config.ts';

/** Default range of the VPC: 256 addresses, in a range that private networks seldom use. */
const DEFAULT_CIDR = '10.254.254.0/24';

const ZONES = 2;

/** The number of address bits that distinguish the hosts in a subnet. AWS reserves five of the 32 addresses. */
const HOST_BITS = '5';

/**
 * Provides a VPC for functions: an existing one, or a new one with a subnet in each of two zones and no internet
 * access. The route table of a new VPC contains only the routes of gateway endpoints.
 */
export class IsolatedVpc extends Construct {
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
  readonly routeTableIds: readonly string[];
  /** Address ranges of the VPC. Empty for an existing VPC, whose ranges are unknown. */
  readonly cidrs: readonly string[];

  constructor(scope: Construct, id: string, config: Config) {
    super(scope, id);
    if (config.vpcId === undefined) {
      const { vpc, subnetIds, routeTableId } = this.#create(config.vpcCidr ?? DEFAULT_CIDR);
      this.vpcId = vpc.ref;
      this.subnetIds = subnetIds;
      this.routeTableIds = [routeTableId];
      this.cidrs = [vpc.attrCidrBlock];
    } else {
      this.vpcId = config.vpcId;
      this.subnetIds = config.subnetIds;
      this.routeTableIds = config.routeTableIds;
      this.cidrs = [];
    }
  }

  #create(cidrBlock: string) {
    // Private DNS names of endpoints need both DNS settings.
    const vpc = new CfnVPC(this, 'Vpc', { cidrBlock, enableDnsSupport: true, enableDnsHostnames: true });
    vpc.overrideLogicalId('Vpc');
    Validations.of(vpc).acknowledge({
      id: 'AwsSolutions-VPC7',
      reason:
        'Only endpoints can be reached, and CloudTrail records the calls through them. Flow logs are billed per gigabyte.',
    });
    const routes = new CfnRouteTable(this, 'Routes', { vpcId: vpc.ref });
    routes.overrideLogicalId('RouteTable');
    const subnetIds = Array.from({ length: ZONES }, (_, zone) => {
      const subnet = new CfnSubnet(this, `Subnet${zone}`, {
        vpcId: vpc.ref,
        availabilityZone: Fn.select(zone, Fn.getAzs()),
        cidrBlock: Fn.select(zone, Fn.cidr(vpc.attrCidrBlock, ZONES, HOST_BITS)),
        mapPublicIpOnLaunch: false,
      });
      subnet.overrideLogicalId(`Subnet${zone + 1}`);
      const association = new CfnSubnetRouteTableAssociation(this, `SubnetRoutes${zone}`, {
        subnetId: subnet.ref,
        routeTableId: routes.ref,
      });
      association.overrideLogicalId(`Subnet${zone + 1}Routes`);
      return subnet.ref;
    });
    return { vpc, subnetIds, routeTableId: routes.ref };
  }
}
