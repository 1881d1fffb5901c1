// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {IERC20} from "./IERC20.sol";

uint256 constant MAX_FEE = 500;

/// @notice What a vault can tell.
interface IVault {
    event Deposited(address indexed owner, uint256 assets);

    error TooMuch(uint256 asked, uint256 left);

    function totalAssets() external view returns (uint256);
}

library Shares {
    function toShares(uint256 assets, uint256 supply) internal pure returns (uint256) {
        return supply == 0 ? assets : assets * supply;
    }
}

/// @title A vault that holds one token.
contract Vault is IVault {
    using Shares for uint256;

    enum State { Open, Paused }

    struct Position {
        uint256 shares;
        uint64 since;
    }

    IERC20 public immutable asset;
    mapping(address => Position) private positions;
    State public state;

    modifier whenOpen() {
        require(state == State.Open, "paused");
        _;
    }

    constructor(IERC20 token) {
        asset = token;
    }

    receive() external payable {}

    /// @notice Takes tokens for shares.
    /// @param assets how much
    function deposit(uint256 assets) external whenOpen returns (uint256 shares) {
        shares = assets.toShares(totalAssets());
        positions[msg.sender].shares += shares;
        asset.transferFrom(msg.sender, address(this), assets);
        emit Deposited(msg.sender, assets);
    }

    function totalAssets() public view override returns (uint256) {
        return asset.balanceOf(address(this));
    }
}
